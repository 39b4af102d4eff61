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
      '(?:can.?t|cannot|can not|could ?n.?t|could not|unable to|impossible to|won.?t|will not|would ?n.?t|not able to|fail(?:s|ed)? to|refuses to|struggl\\w+ to|trouble)',
      '(?:stop(?:s|ped)?|quit|quits) (?:\\w+ )?(?:working|syncing|connecting|recording|tracking|counting|showing|responding|\\w+ing)',
      'fail(?:s|ed|ing|ure)?|freez(?:e|es|ing)|froze(?:n)?|hangs?|stuck|broken|broke|breaks|malfunction\\w*|unusable|unstable|unreliable',
      '(?:problem|issue|trouble)s?',
      '(?:keeps?|constantly|always|randomly|frequently|continually) (?:\\w+ ){0,2}(?:disconnect\\w*|losing|loosing|logging|crashing|dropping|stopping|saying|asking|failing|restart\\w*|stops|reset\\w*)',
      'disconnect(?:s|ed|ing|ion)?|connection (?:issue|lost|problem)|(?:lost|loses|losing|loosing) (?:the )?(?:connection|bluetooth|data|sync|gps|signal|all)',
      'not (?:accurate|correct|right)|inaccurate|incorrect|wrong(?:ly)?',
      '(?:always|signal|connection|data|everything) (?:is |was |gets |got )?lost|login (?:failed|problem)|log(?:ged|s|ging)? (?:me )?out|blank|black screen|drain(?:s|ing|ed)?',
    ]),
    compileWords(2, [
      '(?:since|after|with|until) (?:the |this |last |latest |new |recent |a |my )*(?:\\w+ )?(?:update|upgrade|version)s?',
      'uninstall\\w*|re-?install\\w*|fix(?:ed|es)?|resolve|slow(?:ly)?|lag(?:s|gy|ging)?|takes? (?:forever|ages|too long|long)|missing data|disappear\\w*|vanish\\w*|useless|not accurate|reset|still (?:not|no|have)|poor (?:sync|connect\\w*)|notifications?',
      'used to (?:work|be)|worked (?:fine|well|great|ok|good|perfectly)|was (?:working|great|good|fine)|not (?:compatible|recogni[sz]ed|synced|connected|connecting)|nothing (?:works|happens)|ruined|worse',
      'sync(?:ing|s|ed|hroni[sz]\\w*)?|connect(?:s|ing|ion|ivity)?|pair(?:ing)?|bluetooth',
    ]),
    compileFrench(3, [
      'bugg?(?:ue|é|ée|er)?s?|plantes?|plantages?|erreurs?|problèmes?|problemes?|pbs?|soucis?|panne|hs|bloqu(?:e|é|ée|és)|écran noir',
      'impossible(?:s)?|ne (?:\\w+ )?(?:fonctionne|marche|synchronise|connecte|reconnaît|reconnait|s.?affiche|répond|vibre|trouve|reçois|veut|peux|peut|se)(?:nt)?(?: \\w+)? (?:pas|plus)|(?:fonctionne|marche|synchronise|connecte|affiche|arrive|reçois|peux|peut) (?:pas|plus|mal|rien)',
      'plus (?:de|aucune?|rien|possible|moyen)|n.?arrive (?:pas|plus)|déconn\\w+|deconn\\w+|pert(?:e|es)|perdu\\w*|inutilisable|instable|obligée? de|bug',
      'toujours (?:pas|impossible)|aucune? (?:notification|synchro\\w*|réponse|résolution|donnée|solution)s?|jamais pu|pas (?:de )?(?:synchro\\w*|connexion|reconnue?|possible|moyen|compatible)|échou\\w+|échec|dysfonction\\w*|lente?(?:ur)?s?',
    ]),
    compileFrench(2, [
      'depuis (?:la |le |ma |cette |une |quelques? |plusieurs |\\d+ )*(?:dernière |derniere |nouvelle )?(?:mise à jour|mise a jour|maj|màj|version|update|semaines?|jours?|hier|mois)',
      'désinstall\\w+|desinstall\\w+|réinstall\\w+|reinstall\\w+|corrig\\w+|couplage|mise à jour|maj|synchro\\w*|connexion|notifications?|réinitialis\\w+',
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
      'integrat(?:e|ion|es)|export|dark (?:mode|theme)|customi[sz]\\w+|widget|landscape|tablet',
    ]),
    compileWords(2, [
      'features?|add(?:ed|ing)?|option|options|support|watch ?faces?|hope|missing|strava|google fit|instead of|ability|privacy|permissions?|access',
    ]),
    compileFrench(5, [
      'aimerai(?:s|t)?|souhait\\w+|voudrais|préfér\\w+|préfère|(?:serait|sera) (?:\\w+ )?(?:bien|top|cool|utile|intéressant|sympa|pratique|parfait|mieux|possible|souhaitable|génial)',
      'manqu(?:e|es|ent|ait)|dommage (?:de ne|qu.?on|qu.?il|que|pour|qu)|bémol|suggestion|amélior(?:er|ation|ations|é|able)|à améliorer|possibilité (?:de|d)|pouvoir|(?:faudrait|devrait|devraient|pourrait|pourriez|pouvez)(?:.vous)?|ajout(?:er|ez|é)?|rajout\\w*|regrette|pas (?:de lien|assez)|il est dommage|peut être bientôt|(?:plus|davantage) d.?(?:options|explications|informations)',
    ]),
  ],
  usability: [
    compileWords(4, [
      'confus(?:ing|ed|ion)|hard to (?:find|use|navigate|understand|read|see|figure|set)|difficult to (?:find|use|navigate|understand|read|see|figure|set)|not (?:intuitive|user.?friendly|easy|clear|straightforward|obvious)|un(?:intuitive|friendly)|complicated|clunky|cumbersome|convoluted|cluttered|messy|(?:poor|bad|terrible|awful|horrible|ugly|dated|old) (?:ui|ux|interface|design|layout|navigation|user interface)',
      'counter.?intuitive|where (?:is|are|did) the|hidden|buried|too (?:many|much) (?:steps|clicks|taps|menus?|complicated)|figure out|learning curve|user unfriendly|less intuitive|overwhelming|steep',
    ]),
    compileFrench(4, [
      'pas (?:très |tres |assez |du tout |vraiment )?(?:intuiti(?:f|ve)|ergonomique|clair(?:e)?|facile|pratique|simple|lisible)|compliqu\\w+|peu (?:intuiti(?:f|ve)|ergonomique|clair(?:e)?|pratique)|difficile (?:à|de|d)|confus(?:e)?|usine à gaz|fouillis|s.?y perd|ergonomie (?:à revoir|moyenne|catastrophique)',
    ]),
  ],
  praise: [
    compileWords(2, [
      'great|awesome|love(?:s|d|ly)?|loving|lov it|excell?ent|exelent|amazing|perfect(?:ly)?|fantastic|brilliant|best|wonderful|superb|fabulous|good|nice|cool|useful|helpful|helps|easy|happy|satisfied|impressed|enjoy\\w*|thanks?|thank you|recommend(?:ed)?|like(?: it| this| the)?|works? (?:well|great|fine|perfectly|good|like|as|seamlessly|flawlessly)|motivat\\w+|accurate|simple|intuitive|user.?friendly|five stars?|5 stars?|wow|super|top|fun|outstanding|phenomenal|incredible|reliable|gr8|informative|beautiful|handy|convenient|marvell?ous|terrific|magnificent|pleased|glad|favorite|favourite|a\\+|so far so good|must have|well (?:done|made|designed)|comprehensive|detailed|boss|ok|okay',
    ]),
    compileFrench(2, [
      'génial\\w*|excellente?s?|parfaite?s?|parfaitement|super|top|j.?\\s?adore|adore|bien|bonne?s?|très bien|pratique|sympa|efficace|ravie?|satisfaite?|nickel|merci|intuiti(?:f|ve)|complète?|complet|précise?|fiable|facile|simple|extra|formidable|magnifique|cool|agréable|clair(?:e)?|bravo|utile|recommande|comblé\\w*|contente?',
    ]),
    { weight: 2, pattern: /[👍👌😍🥰❤💕💖💗⭐🌟👏🎉🎊😊😀😃😄😁🙂🤩💯🔥🙏😎☺]|:-?\)|\(:/gu },
  ],
  question: [
    compileWords(4, [
      'how (?:do|can|to|does|should|would) (?:i|you|we|it|one)?|how to|(?:can|could|does|do|did) (?:anyone|anybody|someone|somebody)|is (?:there|it possible|it normal)|are there|what (?:is|does|are) (?:the|this|these|it)|where (?:can|do) i|any (?:idea|one know|advice)|who (?:do|can) i|which (?:one|version)|what.?s the difference|when (?:will|is|can)|can i|do i (?:need|have)|please (?:help|advise|explain)|help me',
    ]),
    compileFrench(4, [
      'comment (?:faire|puis|peut|je|on|ça|ca|fait)|est.ce (?:que|qu|normal|possible)|y a.t.il|quelqu.?un|pourquoi|à quand|a quand|avez.vous|peut.on|savez.vous|où (?:est|sont|puis)|combien',
    ]),
    { weight: 1, pattern: /\?+/gu },
  ],
};

/** Words of anger and disappointment about anything. */
export const NEGATIVE: readonly Clue[] = [
  compileWords(3, [
    'terrible|awful|horrible|worst|hate[sd]?|useless|rubbish|garbage|trash|crap(?:py)?|shit\\w*|sucks?|bad|poor|annoying|frustrat\\w+|disappoint\\w+|waste(?:d)?|joke|ridiculous|pathetic|angry|scam|spy\\w*|intrusive|nosy|regret|avoid|never again|refund|junk|stupid|meh|unacceptable|dislike|not (?:good|great|happy|worth|recommend\\w*|impressed)',
  ]),
  compileFrench(3, [
    'nulle?s?|nul|mauvais\\w*|déçue?|déception|décevant\\w*|honte|pénible|inadmissible|lamentable|catastroph\\w+|agaçant|énervant|merde|arnaque|horrible|pourrie?|inutile|zéro|catastrophe|marre|scandal\\w+|insupportable',
  ]),
];

export const URGENT = compileWords(3, [
  'crash(?:es|ed|ing)?|urgent(?:ly)?|asap|emergency|critical|immediately|data (?:loss|lost|breach|leak)|(?:lost|loses|losing|lose|deleted|wiped|erased|missing) (?:all )?(?:of )?(?:my |the |our )?(?:data|history|activities|everything|account|workouts?|records?)|(?:can.?t|cannot|can not|unable to|could ?n.?t|won.?t let me|impossible to) (?:log ?in|log on|sign ?in|login|access my account|pay)|locked out|security|hacked|vulnerab\\w+|privacy|malware|virus|payment|charged|double.?charged|billing|refund|unusable|bricked|completely (?:broken|useless|stopped)|production (?:is )?down|outage',
  'plantes?|plantages?|urgent\\w*|perdu (?:toutes? )?(?:mes|les) (?:données|activités)|(?:impossible de|ne peux (?:pas|plus)) (?:se |me )?(?:connecter au compte|identifier|payer)|sécurité|piraté\\w*|paiement|remboursement|débité\\w*|inutilisable|perte (?:de|des) données',
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
