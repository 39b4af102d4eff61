/** Word lists for the keyword rules, English and French. */
export type Concept = 'bug' | 'feature' | 'usability' | 'praise' | 'question' | 'noise';

/** A pattern and what one match adds to the score of its concept. */
export interface Clue {
  weight: number;
  /** Has only French words: skipped when a text is clearly in another language. */
  french?: true;
  pattern: RegExp;
}

/** The text in lower case, without accents and curly quotes, as the patterns expect it. */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches anything but ASCII
  if (!/[^\x00-\x7f]/.test(lower)) return lower;
  return lower.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").replaceAll('œ', 'oe');
}

// Folded text needs only \b and patterns without flags, several times faster than Unicode classes.
function compileWords(weight: number, words: readonly string[]): Clue {
  return { weight, pattern: new RegExp(`\\b(?:${foldText(words.join('|'))})\\b`, 'g') };
}

function compileFrench(weight: number, words: readonly string[]): Clue {
  return { ...compileWords(weight, words), french: true };
}

/** Phrases that say there is *no* trouble; removed before looking for trouble. */
export const NO_TROUBLE = compileWords(2, [
  '(?:no|zero|without|never (?:had )?(?:any|a)|(?:haven.?t|have not|not) (?:had )?(?:any|a)|few|nothing) (?:single )?(?:real |major |big |more )?(?:issues?|problems?|complaints?|bugs?|troubles?|crash(?:es)?|fuss|glitch(?:es)?)',
  'can.?t (?:complain|fault|wait|go wrong|beat|live without|do without|get enough|say enough|imagine)',
  'could ?n.?t (?:be happier|live without|ask for more)',
  'does ?n.?t disappoint|never (?:fails|disappoints|let me down)|error.free|bug.free',
  '(?:you|they|team|thanks for|thank you for) (?:\\w+ )?(?:fix(?:ed|ing)|solv(?:ed|ing)|repair(?:ed|ing)|sort(?:ed|ing) out) (?:\\w+ ){0,4}(?:bugs?|issues?|problems?|crash(?:es)?|errors?|it|that|this|export|login|sync)|(?:is|are|was|got|been) (?:now )?(?:fixed|solved)',
  'works? again|no more (?:crashes|bugs|errors)|problem solved',
  'aucun (?:problème|probleme|souci|bug|défaut)|pas de (?:problème|probleme|soucis?|bug)|sans (?:problème|probleme|soucis?)|rien à (?:dire|redire)|ras',
]);

export const CLUES: Record<Exclude<Concept, 'noise'>, readonly Clue[]> = {
  bug: [
    compileWords(3, [
      'crash(?:es|ed|ing)?',
      'bugs?|buggy|bugged|glitch(?:y|es)?',
      'errors?',
      '(?:do|does|did|is|has|have|was|are|will)(?: ?n.?t| not)(?: (?:even|always|properly|really|seem to|ever|currently|at all))? (?:work|works|worked|working|sync|syncs|syncing|synced|connect|connects|connecting|connected|load|open|opening|loading|update|updating|record|show|display|respond|recogni[sz]e|pair|register|count|track|save|start|download|upload|function|read|detect|find|transfer|get|give|allow|let|stay)',
      '(?:din.?t|dosen.?t|doest|dont|doesnt|didnt|wont|not) (?:work|works|working|sync|syncing|syn[ck]hroni[sz]\\w*|connect|connecting|properly work|load|loading|opening|open|pair|pairing|show|showing|updating|update|responding|accurate|recording|install\\w*|support\\w*)',
      'never (?:works?|syncs?|connects?)|no longer',
      '(?:can.?t|cannot|can not|could ?n.?t|could not)(?! (?:find (?:the|where|how|any|a|out|my way)|figure|tell|see (?:where|which|how)|understand|remember|wait))|(?:unable to|impossible to|won.?t|will not|would ?n.?t|not able to|fail(?:s|ed)? to|refuses to|struggl\\w+ to|trouble)',
      '(?:stop(?:s|ped)?|quit|quits) (?:\\w+ )?(?:working|syncing|connecting|recording|tracking|counting|showing|responding|\\w+ing)',
      'fail(?:s|ed|ing|ure)?|freez(?:e|es|ing)|froze(?:n)?|hangs?|stuck|broken|broke|breaks|malfunction\\w*|unusable|unstable|unreliable',
      '(?:problem|issue|trouble)s?',
      '(?:keeps?|constantly|always|randomly|frequently|continually) (?:\\w+ ){0,2}(?:disconnect\\w*|losing|loosing|logging|crashing|dropping|stopping|saying|asking|failing|restart\\w*|stops|reset\\w*)',
      'disconnect(?:s|ed|ing|ion)?|connection (?:issue|lost|problem)|(?:lost|loses|losing|loosing) (?:the )?(?:connection|bluetooth|data|sync|gps|signal|all)',
      'not (?:accurate|correct|right)|inaccurate|incorrect|wrong(?:ly)?',
      '(?:always|signal|connection|data|everything) (?:is |was |gets |got )?lost|login (?:failed|problem)|(?:logged|logs|logging|signed|signs|kicks?) (?:me |us |everyone |people )?out (?!of the)|(?:logs|logged|kicks?|signs) (?:me|us) out|getting logged out|blank|black screen|white screen|drain(?:s|ing|ed)?',
      '(?:lost|loses|losing|lose|deleted|wiped|erased) (?:all |half |some )?(?:of )?(?:my|our|the|their|a) (?!time|way|interest|patience)|lost (?:\\w+ ){1,3}of (?:work|data|notes)|data loss|overwrit\\w+|corrupt\\w*|garbled',
      '(?:returns?|shows?|does|finds?|gives?|displays?|exports?|sends?) (?:me |us )?(?:nothing|an empty|empty|no results?|the wrong)|comes? (?:back|up|out) (?:empty|blank|after)|nothing happens|not found|page not found|4\\d\\d|5\\d\\d error|time[ds]? ?out|timeouts?|exception|stack trace',
      '(?:charged|billed|posted|sent|firing|fires|fired|sends|shows|counted|listed|created|saved|arrives?|appears?) (?:us |me |it |them |\\w+ )?(?:twice|double|two times|three times|several times|again and again)|double.?(?:charged?|billed|booking|counts?)|duplicated',
      '(?:is|are|went|goes|been|seems|keeps going|server|site|api|app|service) down\\b(?! to| the)|outage|offline again|off by (?:one|a|an|\\d+|two)|out of sync|spins? (?:forever|for ever|endlessly)|just spins|spinning|infinite|loop(?:s|ing)?|endless',
      '(?:drops?|dropp(?:ed|ing)|skips?|swallows?|ignores?|truncat\\w+|mangles?|forgets?) (?:the |my |our |every |all |some |rows?|after|when|out)|(?:vanish|disappear)(?:es|ed|ing)?|(?:is|are|went|goes|gone|been) (?:all )?(?:missing|gone)|resets? (?:every|each|all the|after|when|itself|on|to)|never (?:arriv|show|load|sav|com|get|receiv|open|finish|work|appear)\\w*|revert(?:s|ed)?|unresponsive|misaligned|overlap(?:s|ping)?|cut off',
      '(?:stopped|stops) (?:working|arriving|coming|updating|loading|\\w+ing)|(?:not|n.t) (?:\\w+ )?(?:arriv|receiv|show|appear|load|open|sav(?:e|ed|es|ing)\\b|sync|send|deliver|respond|clickable|react|updat|print|render|refresh)\\w*|(?:don.?t|doesn.?t|do not|does not|didn.?t|did not|won.?t|isn.?t|aren.?t) (?:\\w+ ){0,2}?(?:work\\w*|come|arrive|match|add up|fit|open|go through|submit|scroll|click|exist)',
      '(?:sturzt|stuerzt|absturz|abgesturzt|fehler\\w*|kaputt|geht nicht|funktioniert nicht|funktionieren nicht|ladt nicht|hangt|verschwunden|geloscht|defekt|fehlermeldung)',
      '(?:no funciona|no carga|se cierra|error(?:es)?|fallo|falla|roto|non funziona|si blocca|nao funciona|trava)',
    ]),
    compileWords(2, [
      '(?:since|after|with|until) (?:the |this |last |latest |new |recent |a |my )*(?:\\w+ )?(?:update|upgrade|version)s?',
      'uninstall\\w*|re-?install\\w*|fix(?:es)?|resolve|missing data|disappear\\w*|vanish\\w*|useless|not accurate|reset|still (?:not|no|have)|poor (?:sync|connect\\w*)',
      'used to (?:work|be)|worked (?:fine|well|great|ok|good|perfectly)|was (?:working|great|good|fine)|not (?:compatible|recogni[sz]ed|synced|connected|connecting)|nothing (?:works|happens)|ruined|worse',
      'sync(?:ing|s|ed|hroni[sz]\\w*)?|connect(?:s|ing|ion|ivity)?|pair(?:ing)?|bluetooth|notifications?',
    ]),
    compileFrench(3, [
      'bugg?(?:ue|é|ée|er)?s?|plantes?|plantages?|erreurs?|problèmes?|problemes?|pbs?|soucis?|panne|hs|bloqu(?:e|é|ée|és)|écran noir',
      'impossible(?:s)?|ne (?:\\w+ )?(?:fonctionne|marche|synchronise|connecte|reconnaît|reconnait|s.?affiche|répond|vibre|trouve|reçois|veut|peux|peut|se)(?:nt)?(?: \\w+)? (?:pas|plus)|(?:fonctionne|marche|synchronise|connecte|affiche|arrive|reçois|peux|peut) (?:pas|plus|mal|rien)',
      'plus (?:de|aucune?|rien|possible|moyen)|n.?arrive (?:pas|plus)|déconn\\w+|deconn\\w+|pert(?:e|es)|perdu\\w*|inutilisable|instable|obligée? de|bug',
      'toujours (?:pas|impossible)|aucune? (?:notification|synchro\\w*|réponse|résolution|donnée|solution)s?|jamais pu|pas (?:de )?(?:synchro\\w*|connexion|reconnue?|possible|moyen|compatible)|échou\\w+|échec|dysfonction\\w*',
    ]),
    compileFrench(2, [
      'depuis (?:la |le |ma |cette |une |quelques? |plusieurs |\\d+ )*(?:dernière |derniere |nouvelle )?(?:mise à jour|mise a jour|maj|màj|version|update|semaines?|jours?|hier|mois)',
      'désinstall\\w+|desinstall\\w+|réinstall\\w+|reinstall\\w+|corrig\\w+|couplage|mise à jour|maj|synchro\\w*|connexion|réinitialis\\w+',
    ]),
  ],
  feature: [
    compileWords(5, [
      'wish(?:es|ed|ing)?|(?:would|.d|should|could) (?:really |also |be )?(?:like|love|prefer|be (?:nice|great|good|better|helpful|useful|awesome|cool|perfect|amazing|handy)|appreciate)(?! it)',
      '(?:nice|great|good|better|perfect|awesome|cool|helpful|useful|happy|happier|love) (?:to (?:have|see|be able)|if (?:it|you|there|we|i|they|the|u|garmin|huawei))',
      '(?:please|pls|plz|kindly|could you|can you|they should|you should|need to|must|should) (?:also )?(?:add|include|provide|make|give|allow|bring|enable|implement|introduce|consider|create|put)',
      'should (?:have|be able|include|allow|add|also|give)|needs? (?:more|an? |to (?:be able|have|add|include|allow|improve))|could (?:do with|use|have)|(?:only|would) recommend\\w* (?:would|adding)',
      'feature request|suggest(?:ion|ions|ing)?|recommendation|would be (?:nice|great|good|better|helpful|useful|awesome|cool|perfect|amazing|handy)|lack(?:s|ing)?|if only|more (?:options?|features?|watch ?faces?|sports?|custom\\w+|languages?|workouts?|exercises?|modes?|activities|faces)',
      '(?:no|an|the|any) (?:option|ability|way|possibility) (?:to|for)|option (?:to|for)|ability to|does ?n.?t (?:have|support|include)|not supported|only (?:thing )?missing|missing (?:the )?(?:feature|option|function|ability)s?',
      '(?<!what |all |everything |anything |data |tracking |than |that |more do you |do |did |didn.t |don.t |as )(?:we|i|they|users|customers|people|clients|everyone|everybody|(?:my|our|the) \\w+) (?:really |also |just |still |all |badly |urgently |desperately )*(?:need|needs|want|wants|miss|would use|ask(?:s|ed)? for|keeps? asking for|are asking for)(?! (?:help|it back|them back|my money|our money|a refund|to know|to cancel|to understand|advice))',
      '(?:any )?chance (?:of|for|you|to)|how about|what about|why not|(?:would|could|will|might) (?:really |also )?(?:help|save)(?! me)|it (?:would|could|might) be|.d be (?:\\w+ )?(?:nice|great|good|cool|handy|helpful|useful|awesome|lovely|fantastic|amazing|neat)|would be (?:so |really |very |super )?(?:lovely|neat|fantastic|nice|great|cool|handy|helpful|useful|welcome|wonderful)',
      '(?:you|it|there|this|that|we|they) (?:really )?(?:should|ought to|must|needs? to|could) (?:\\w+ )?(?:support|allow|have|be|offer|remember|let|show|include)(?! (?:fixed|working|ashamed|broken|better|faster|simpler|easier|clearer))|there should be|should be (?:able|possible|a way|an option|configurable|optional)',
      '(?:please|pls|plz|could you|can you|can we|could we|would you)(?: please)? (?:also )?(?:let|add|support|build|have|get|show|remember|keep|offer|send|group|sort|translate|integrate|extend|increase|allow|change|turn|merge|link|sync|release|ship|switch|move|hide|remove|save|do|open|raise|lift)\\b',
      '(?:can|could|might) (?:the|this|it|that|they|we) (?:\\w+ ){0,2}?(?:also|be (?:made|more|\\w+able|added|shown|sorted|turned|hidden|optional)|get (?:a|an|more|some)|have (?:a|an|more))|(?:i|we) hope (?:you|that|there|to)|(?:could|can|would) (?:really |definitely )?use (?:a|an|some|more|custom|better)|would use|missing (?:a|an|the|some)|(?:looking forward to|waiting for) (?:a|an|the|more)',
      '(?:missing|wanted|wish|request|idea|suggestion|proposal|feature)s?: |no way to|there.?s no (?:way|option)|without having to|(?:i|we) (?:would|.d) (?:gladly |happily |even )?(?:pay|upgrade|switch)|(?:please )?consider(?:ing)? \\w+ing|i.d (?:really )?(?:like|love|pay|want)|looking for a way|would love|want to be able',
    ]),
    {
      weight: 5,
      pattern:
        /(?:^|[.!?:,;] |\b(?:also|hi|hello|hey|team) )(?:please |pls |maybe |just )?(?:add|allow|let (?:us|me|users|people|guests|admins|teams|customers)|support for|support (?!was|is|has|team|answered|replied|never|does)|make (?:it|the|this|a) |give us|give me|need (?:a|an|to|more|some|the)|more \w+ (?:for|in|on|please)|bring back|integrate|enable|introduce|implement|option to|ability to|include|provide|offer|show (?:me|us|the)) ?/g,
    },
    { weight: 3, pattern: /\b(?:please|pls|plz|bitte|svp|s'il vous plait)[\s.!]*$/g },
    compileWords(5, [
      '(?:bitte|konntet ihr|konnt ihr) (?:\\w+ ){0,4}(?:einbauen|hinzufugen|erganzen|anbieten|einfuhren|unterstutzen)|(?:ich|wir) (?:wunsch\\w*|hatten?|brauch\\w*|mochten?|wurden?) |ware (?:schon|toll|gut|super|praktisch|nett|hilfreich|cool)|fehlt (?:noch|mir|uns|ein|eine|die|der|das)|es fehlt|wunsch\\w*',
      'me gustaria|nos gustaria|seria (?:bueno|genial|util)|podrian (?:anadir|agregar)|vorrei|sarebbe (?:bello|utile)|gostaria',
    ]),
    compileWords(1, ['integrat(?:e|ion|es)|export|customi[sz]\\w+|widget|landscape|tablet']),
    compileWords(2, [
      'features?|add|option|options|dark (?:mode|theme)|watch ?faces?|hope|missing|strava|google fit|instead of|ability|some ?day|in the future|as well',
    ]),
    compileFrench(5, [
      'aimerai(?:s|t)?|souhait\\w+|voudrais|préfér\\w+|préfère|(?:serait|sera) (?:\\w+ )?(?:bien|top|cool|utile|intéressant|sympa|pratique|parfait|mieux|possible|souhaitable|génial)',
      '(?:faudrait|pourriez.vous|pouvez.vous|merci d.ajouter|besoin d)|(?:j.aimerais|on aimerait|nous aimerions|nous voudrions|demandent?|souhaitent?)',
      'manqu(?:e|es|ent|ait)|dommage (?:de ne|qu.?on|qu.?il|que|pour|qu)|bémol|suggestion|amélior(?:er|ation|ations|é|able)|à améliorer|possibilité (?:de|d)|pouvoir|(?:faudrait|devrait|devraient|pourrait|pourriez|pouvez)(?:.vous)?|ajout(?:er|ez|é)?|rajout\\w*|regrette|pas (?:de lien|assez)|il est dommage|peut être bientôt|(?:plus|davantage) d.?(?:options|explications|informations)',
    ]),
  ],
  usability: [
    compileWords(4, [
      'confus(?:ing|ed|ion)|hard to (?:find|use|navigate|understand|read|see|figure|set)|difficult to (?:find|use|navigate|understand|read|see|figure|set)|not (?:intuitive|user.?friendly|easy|clear|straightforward|obvious)|un(?:intuitive|friendly)|complicated|clunky|cumbersome|convoluted|cluttered|messy|(?:poor|bad|terrible|awful|horrible|dated|old|confusing|weird|strange) (?:ui|ux|interface|design|layout|navigation|user interface)',
      'slow(?:ly|er|ness)?|lag(?:s|gy|ging)?|sluggish|takes? (?:\\w+ )?(?:forever|for ever|ages|too long|(?:so|very|really) long|an eternity)|(?:takes?|took|waits?|waiting|needs?) (?:\\w+ ){0,3}(?:\\d+|two|three|four|five|six|seven|eight|ten|eleven|twelve|twenty|thirty|an|a|half an|several|many|so many|dozens of) (?:\\w+ )?(?:seconds?|minutes?|hours?|clicks?|steps?|screens?|taps?|tries|attempts)|(?:\\d+|two|three|four|five|six|seven|eight|ten|many|so many) (?:clicks|steps|taps|screens|menus|tabs)',
      'makes? no sense|made no sense|scattered|all over the place|(?:hurts?|strains?) (?:my|the|our) eyes|(?:did|do|does) ?(?:n.?t| not) (?:\\w+ )?(?:understand|get|grasp|know) (?:what|how|why|where|which)|so many (?:\\w+)(?<! of)|worse than|too (?:quickly|fast|late|often|early)|(?:take|took|takes|taking) (?:me |us |them |him |her )?(?:ages|forever|a while|long|hours|minutes)|ugly|hideous|a mess|is messy|eyesore|tedious|laborious|fiddly|awkward|annoying to|painful|a pain|cryptic|unclear|inconsistent|unreadable|illegible|distracting|intimidating|disorienting|disorganized|busy|noisy|bloated|boring to|too (?:many|much|small|big|tiny|large|bright|dark|close|long|hard|difficult|complex|crowded|busy|technical|slow|easy to|wordy|cramped|light|loud|prominent)|tiny (?:text|font|buttons?|icons?|print)|low contrast|contrast is|way too',
      '(?:can|could|do|does|did|was|were)(?: not|n.?t|not)? (?:never |really |even |hardly |barely |ever )?(?:find|see where|tell (?:which|what|where|the|if|whether)|figure|understand how|know where|know how|remember where|make sense)|(?:can|could) (?:never|hardly|barely) (?:find|read|see|tell|remember)|(?:get|got|gets|getting|feel|am|i.m) lost|hard to (?:\\w+)|difficult to|not (?:at all |very |really |so |that )?(?:obvious|clear|intuitive|easy|self.explanatory|discoverable|consistent|readable)|isn.?t (?:\\w+ )?(?:obvious|clear|intuitive|easy)|aren.?t (?:\\w+ )?(?:obvious|clear|intuitive|easy)|not clear|unclear|no idea (?:where|how|what)|look(?:s)? (?:\\w+ )?(?:the same|alike|identical|dated|outdated|old|cheap|terrible)|a hassle|(?:always|keep|keeps|constantly) (?:click|press|tap|forget|end up|get|mix|confus|hit|search|look)(?:s|ing|e|es)? (?:the |for |up |lost |\\w+ )|keep(?:s)? (?:clicking|tapping|pressing|hitting|mixing|forgetting|opening)|mix(?:ed)? up|by accident|accidentally|had to (?:search|look|click|scroll|google|read|ask)|should be (?:easier|simpler|faster|clearer|more)|could be (?:easier|simpler|faster|clearer)|easier to',
      'counter.?intuitive|where (?:is|are|did) the (?!difference)|hidden|buried|behind (?:three|two|four|so many|several) |too (?:many|much) (?:steps|clicks|taps|menus?|complicated)|figure out|learning curve|user unfriendly|less intuitive|overwhelming|steep',
    ]),
    compileFrench(4, [
      'trop (?:long\\w*|lente?s?|petite?s?|de (?:temps|clics|menus|boutons|texte|notifications))|lente?(?:ur)?s?|rame|moche|on ne (?:sait|comprend) pas|perdue? dans|(?:unubersichtlich|kompliziert|langsam|verwirrend|umstandlich|unklar|zu klein|zu viele|hasslich)|(?:confuso|complicado|lento|lenta|complicato)',
      'pas (?:très |tres |assez |du tout |vraiment )?(?:intuiti(?:f|ve)|ergonomique|clair(?:e)?|facile|pratique|simple|lisible)|compliqu\\w+|peu (?:intuiti(?:f|ve)|ergonomique|clair(?:e)?|pratique)|difficile (?:à|de|d)|confus(?:e)?|usine à gaz|fouillis|s.?y perd|ergonomie (?:à revoir|moyenne|catastrophique)',
    ]),
  ],
  praise: [
    compileWords(2, [
      '(?:really |absolutely |just |totally )(?:love|like|enjoy|appreciate)(?:s|d)?(?! to)|(?:love|adore|loving) (?:the|this|it|your|how|that|what|these|using)|thank you(?: so much| very much)?|thanks (?:for|a lot|so much|team|everyone)|can.?t imagine|best (?:\\w+ )?(?:ever|we|i|in|on)|happy with|fan of',
      'great|awesome|love(?:s|d|ly)?|loving|lov it|excell?ent|exelent|amazing|perfect(?:ly)?|fantastic|brilliant|best|wonderful|superb|fabulous|good|nice|cool|useful|helpful|helps|easy|happy|satisfied|impressed|enjoy\\w*|thanks?|thank you|recommend(?:ed)?|like(?: it| this| the)?|works? (?:well|great|fine|perfectly|good|like|as|seamlessly|flawlessly)|motivat\\w+|accurate|simple|intuitive|user.?friendly|five stars?|5 stars?|wow|super|top|fun|outstanding|phenomenal|incredible|reliable|gr8|informative|beautiful|handy|convenient|marvell?ous|terrific|magnificent|pleased|glad|favorite|favourite|a\\+|so far so good|must have|well (?:done|made|designed)|comprehensive|detailed|boss|rocks?|like a charm|kudos|congrat\\w*|joy|delight\\w*|smooth(?:ly|er)?|(?:so |much |really |way )(?:much )?(?:faster|better|easier|quicker|nicer|simpler)|saved? (?:me|us|our)|saves (?:me|us|time)|finally|yay|yes+|hooray|appreciate (?:it|the|your|this|that)|stunning|gorgeous|slick|neat|sweet|yummy|lifesaver|game.?changer|just works|(?:all|everything|exactly what|just what|what) (?:the \\w+ |that )?(?:i|we|you|one) (?:need|want|could|ever)s?|lots of (?:data|info\\w*|features|options)|helps? (?:so much|a lot|me|us)|improvements?|resolved quickly|(?:sync|connect|pair|run|fit|integrate)s? (?:very |so |really )?(?:well|easily|nicely|smoothly)|made (?:my|our) (?:day|week|life|work)|lightning fast|so (?:fast|quick|fun|good|cool|clean|smart)|keep it up|keep up|bravo|improved|well thought|spot on|flawless\\w*|rocks|chapeau|big fan|impressive|hats off|elegant|solid|on point',
      'toll\\w*|danke|dank|super|klasse|wunderbar|prima|genial|grossartig|gro.artig|liebe|spitze|gracias|excelente|encanta|increible|grazie|ottim\\w+|bellissim\\w+|obrigad\\w+|adoro',
    ]),
    compileFrench(2, [
      'génial\\w*|excellente?s?|parfaite?s?|parfaitement|super|top|j.?\\s?adore|adore|bien|bonne?s?|très bien|pratique|sympa|efficace|ravie?|satisfaite?|nickel|merci|intuiti(?:f|ve)|complète?|complet|précise?|fiable|facile|simple|extra|formidable|magnifique|cool|agréable|clair(?:e)?|bravo|utile|recommande|comblé\\w*|contente?',
    ]),
    { weight: 2, pattern: /[👍👌😍🥰❤💕💖💗⭐🌟👏🎉🎊😊😀😃😄😁🙂🤩💯🔥🙏😎☺]|:-?\)|\(:/gu },
  ],
  question: [
    compileWords(4, [
      'how (?:do|can|to|does|should|would|is|are) (?:i|you|we|it|one)?|how to|how (?:much|many|long|often|far|soon)|(?:can|could|does|do|did|has|would) (?:anyone|anybody|someone|somebody)|is (?:there|it possible|it normal)|are there|what (?:are|does|happens|do|will) (?:the|this|these|it|to|if|when|i|we)|what is (?:the|this|a|an|your|included)|where (?:can|do|are|is) (?:i|we|my|our)|any (?:idea|one know|advice|eta|news on|update on|word on)|who (?:do|can|has|is)|which (?:one|version|\\w+ (?:do|does|are|is|can|should))|what.?s the|when (?:will|is|are|does|do) |can i|can we|may i|do i (?:need|have)|do you (?:support|have|offer|plan|store|sell|know|work)|does it (?:support|have|work|cost|run|come|integrate)|please (?:help|advise|explain)|help me|wondering (?:if|whether|how)|wonders? if|anyone know|(?:could|can) you (?:tell|explain|help|show me how)',
    ]),
    {
      weight: 5,
      pattern:
        /(?:^|[.!?,] )(?:wie|wo|wann|warum|wieso|welche[nrs]?|gibt es|kann (?:ich|man)|konnen wir|ist es moglich|was (?:ist|kostet|bedeutet|heisst|passiert)|¿|como |donde|cuando|cuanto|puedo|come (?:posso|si)|dove|quando|posso) /g,
    },
    compileFrench(4, [
      'comment (?:faire|puis|peut|je|on|ça|ca|fait|\\w+er|\\w+ir)|est.ce (?:que|qu|normal|possible)|y a.t.il|quelqu.?un|pourquoi|à quand|a quand|avez.vous|peut.on|savez.vous|où (?:est|sont|puis|trouve\\w*)|combien|quand (?:est|sera|aurons|arrive)|quel(?:le)?s? (?:est|sont|\\w+)',
    ]),
    // A sentence that begins as a question and ends as one.
    {
      weight: 4,
      pattern:
        /(?:^|[.!?,;:] |\b(?:hi|hello|hey|and|but|so|sorry|quick question) )(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|what|what's|how|where|who|which|when|whose|am|may) [^.?!]*\?/g,
    },
    { weight: 1, pattern: /\?+/gu },
  ],
};

/** Questions that name a wish; removed before looking for wishes. */
export const ASKED = compileWords(1, [
  'is there (?:a|an|any|some) (?:\\w+ )?(?:option|ability|way|possibility|chance|plan)s?(?: to| for)?|(?:do|are) you (?:plan(?:ning)?|going) (?:to|on) \\w+|(?:which|what|how many|how much) (?:\\w+ ){1,3}do (?:i|we) (?:need|want)|do (?:i|we) (?:need|want|have)|need (?:help|to know)|why do (?:i|we) need',
]);

/** How a question begins that no wish turns into a request. */
export const OPENS_QUESTION =
  /^(?:hi|hello|hey|sorry|quick question|question)?[,:! ]*(?:how(?! about)|what(?! about|.?s with| a )|where|who|which|when|whose|comment|ou (?:est|puis|sont|trouv)|quand|combien|wie|wo|wann) /;

/** Greetings that hold a kind word; removed before looking for praise. */
export const GREETING =
  /\b(?:good|happy|nice|great) (?:morning|afternoon|evening|night|day|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday|birthday|holidays?|new year)\b|\bbonne (?:journee|soiree|nuit)\b|\bguten (?:morgen|tag|abend)\b/g;

/** What a team chats about. A short message about it that names no part of a product is noise. */
export const CHAT =
  /\b(?:lunch|coffee|dinner|beers?|breakfast|pizza|cake|weather|holidays?|vacation|weekend|birthday|stand-?up|meeting|office|friday|monday|out sick|how are you|how is everyone|how.?s it going|what.?s up|see you|what time|bye|haha|dejeuner|cafe|mittagessen|(?:this is )?(?:just )?(?:a )?test(?:ing)?(?: (?:messages?|posts?|1|123|one))?)\b/;

/** Parts of a product. A plain statement about one, without any other clue, reports a defect. */
export const THINGS =
  /\b(?:apps?|api|inbox|cursor|drafts?|screens?|lists?|phones?|widgets?|views?|tabs?|dialogs?|windows?|fields?|drop-?downs?|clients?|releases?|features?|templates?|tags?|workspaces?|projects?|documents?|sessions?|tokens?|totals?|numbers?|pages?|buttons?|forms?|links?|reports?|charts?|graphs?|dashboards?|searche?s?|filters?|exports?|imports?|uploads?|downloads?|files?|attachments?|images?|avatars?|accounts?|passwords?|log ?in|sign ?(?:up|in)|emails?|mails?|notifications?|invites?|invitations?|invoices?|billing|payments?|checkout|subscriptions?|plans?|permissions?|roles?|teams?|teammates|members?|users?|boards?|cards?|tasks?|tickets?|comments?|messages?|threads?|channels?|bots?|integrations?|webhooks?|calendars?|dates?|time ?zones?|timers?|reminders?|tables?|rows?|columns?|csv|pdf|excel|xlsx|json|data|settings|profiles?|sync|backups?|editors?|undo|sidebar|scroll(?:ing|bar)?|keyboard|shortcuts?|translations?|browsers?|chrome|safari|firefox|android|iphone|ipad|ios|mac|windows|linux|desktop|mobile|servers?|sites?|website|summary|summaries|reactions?|categor(?:y|ies)|sso|saml|video|audio|printing|print|cache|version|update|release|bouton|fichiers?|compte|facture|connexion|anmeldung|konto|rechnung|seite)\b/;

/** Parts of a product that people look at or learn. A plain statement about one reports a nuisance. */
export const LOOKS =
  /\b(?:fonts?|text|colou?rs?|layout|navigation|nav|wording|labels?|design|look and feel|menus?|submenus?|modals?|pop-?ups?|tooltips?|interface|ui|ux|docs|documentation|instructions|onboarding|setup|spacing|icons?|contrast|toolbar|wizard|workflow|oberflache|schrift|ecrans?|couleurs?)\b/;

/** Words of anger and disappointment about anything. */
export const NEGATIVE: readonly Clue[] = [
  compileWords(3, [
    'terrible|awful|horrible|worst|hate[sd]?|useless|rubbish|garbage|trash|crap(?:py)?|shit\\w*|sucks?|bad|poor|annoying|frustrat\\w+|disappoint\\w+|waste(?:d)?|joke|ridiculous|pathetic|angry|scam|spy\\w*|intrusive|nosy|regret|avoid|never again|refund|junk|stupid|meh|unacceptable|dislike|not (?:good|great|happy|worth|recommend\\w*|impressed)',
  ]),
  compileFrench(3, [
    'nulle?s?|nul|mauvais\\w*|déçue?|déception|décevant\\w*|honte|pénible|inadmissible|lamentable|catastroph\\w+|agaçant|énervant|merde|arnaque|horrible|pourrie?|inutile|zéro|catastrophe|marre|scandal\\w+|insupportable',
  ]),
];

/** Data, money, security or a customer is at stake, or everybody is stopped: somebody looks today. */
export const URGENT = compileWords(3, [
  'urgent(?:ly)?|asap|emergency|data (?:loss|breach|leak)|(?:lost|loses|losing|lose|deleted|deletes|wiped|erased) (?:\\w+ ){0,4}?(?:data|history|account|work|reports?|records?|notes?|files?|documents?|projects?|everything)|(?:data|history|files|notes|work|everything) (?:\\w+ ){0,2}(?:lost|gone|deleted|wiped|disappeared)|hacked|vulnerab\\w+|security (?:hole|issue|problem)|(?:someone|somebody|other (?:people|users|customers|teams)|anyone) (?:else )?can (?:see|read|open)|double.?(?:charged|billed)|(?:charged|billed) (?:\\w+ )?(?:twice|double|wrongly|again)|refund|locked out|outage|(?:production|everything|whole (?:site|app|service)|server|site) (?:is |was )?down|(?:everyone|everybody|nobody|all (?:of us|users|customers)|whole team|entire team) (?:\\w+ )?(?:is |are |can |can.?t |cannot )?(?:blocked|stuck|locked|log in|log-in|login|work)|(?:we.ll|will|going to|about to|i.m) (?:leave|leaving|cancel(?:ling|ing)?|switch(?:ing)?)',
  'urgent\\w*|perdu (?:\\w+ ){0,3}?(?:données|historique|travail|activités|tournoi)|sécurité|piraté\\w*|remboursement|débité\\w*|perte (?:de|des) données|daten (?:weg|verloren|geloscht)|doppelt (?:abgebucht|berechnet)',
]);

/** Somebody cannot do what the product is for. */
export const STUCK = compileWords(3, [
  'crash(?:es|ed|ing)?|(?:can ?n?.?t|cannot|can not|could ?n.?t|unable to|not able to|impossible|won.?t|refuses)|fail(?:s|ed|ing|ure)?|broken|froze\\w*|freez\\w+|hangs?|stuck|unusable|useless|blocked|stopped|no longer|(?:does|do|is|are|did) ?(?:n.?t| not) (?:\\w+ )?(?:work|load|open|start|connect|sync|sav)\\w*|does nothing|never (?:arriv|work|load)\\w*|(?:is|are) down|error|missing|gone',
  'impossible|plante|bloqué\\w*|ne (?:\\w+ )?(?:marche|fonctionne|répond|charge|s.ouvre|démarre) (?:pas|plus)|sturzt|funktioniert nicht|geht nicht|no funciona',
]);

/** Which concept an enum value means, by a part of its normalised name. */
export const CONCEPT_NAMES: Record<Concept, RegExp> = {
  bug: /bug|problem|defect|issue|incident|fault|broken|error|crash/,
  feature: /feature|idea|suggest|improve|enhanc|wish|request/,
  usability: /usab|ux|confus|friction|design|interface/,
  praise: /prais|kudos|complim|thank|love|positive/,
  question: /question|support|howto|how_to|help|ask/,
  noise:
    /noise|irrelevant|other|spam|none|misc|unclear|offtopic|off_topic|unknown|unrelated|general/,
};

/** Fallbacks for concepts that an enum has no value for. */
export const NEXT_CONCEPTS: Record<Concept, readonly Concept[]> = {
  bug: ['usability', 'noise'],
  feature: ['usability', 'noise'],
  usability: ['bug', 'feature', 'noise'],
  praise: ['noise', 'question'],
  question: ['noise', 'usability'],
  noise: ['question', 'praise'],
};
