/**
 * Names of emoji as Slack writes them. One emoji may have several names, and Slack reports a reaction
 * under one of them, whatever the person typed. Some different emoji mean the same to people.
 */

/** Without colons and skin tone. */
export const EMOJI_NAME = /^[a-z0-9_+'-]+$/;

/** One emoji per line, with all its names: those that have several in Slack's list, November 2026. */
const ALIASES = `
+1 thumbsup
-1 thumbsdown
barely_sunny sun_behind_cloud
bee honeybee
boat sailboat
book open_book
boom collision
car red_car
cn flag-cn
crossed_fingers hand_with_index_and_middle_fingers_crossed
de flag-de
dolphin flipper
email envelope
es flag-es
exclamation heavy_exclamation_mark
exploding_head shocked_face_with_exploding_head
face_vomiting face_with_open_mouth_vomiting
face_with_hand_over_mouth smiling_face_with_smiling_eyes_and_hand_covering_mouth
face_with_raised_eyebrow face_with_one_eyebrow_raised
face_with_symbols_on_mouth serious_face_with_symbols_covering_mouth
facepunch punch
feet paw_prints
fr flag-fr
fried_egg cooking
gb uk flag-gb
hand raised_hand
hankey poop shit
hocho knife
it flag-it
izakaya_lantern lantern
jp flag-jp
kr flag-kr
ladybug lady_beetle
laughing satisfied
lightning lightning_cloud
man_and_woman_holding_hands woman_and_man_holding_hands couple
mans_shoe shoe
medical_symbol staff_of_aesculapius
memo pencil
men-with-bunny-ears-partying man-with-bunny-ears-partying
middle_finger reversed_hand_with_middle_finger_extended
moon waxing_gibbous_moon
mostly_sunny sun_small_cloud
mrs_claus mother_christmas
partly_sunny_rain sun_behind_rain_cloud
phone telephone
ru flag-ru
runner running
shirt tshirt
shushing_face face_with_finger_covering_closed_lips
star-struck grinning_face_with_star_eyes
the_horns sign_of_the_horns
tornado tornado_cloud
two_men_holding_hands men_holding_hands
two_women_holding_hands women_holding_hands
us flag-us
women-with-bunny-ears-partying woman-with-bunny-ears-partying
zany_face grinning_face_with_one_large_and_one_small_eye
`;

/** Different emoji that mean the same to people. Only those that nobody would tell apart. */
const ALIKE = `
white_check_mark heavy_check_mark ballot_box_with_check
no_good woman-gesturing-no man-gesturing-no
question grey_question
`;

const FIRST = new Map(
  [ALIASES, ALIKE].flatMap((list) =>
    list
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [first = '', ...others] = line.split(' ');
        return others.map((name): [string, string] => [name, first]);
      }),
  ),
);

/** Whether a workspace has an emoji, under any of its names. @param names those that Slack lists */
export function hasEmoji(names: readonly string[], name: string): boolean {
  const wanted = canonicalEmoji(name);
  return names.some((known) => canonicalEmoji(known) === wanted);
}

/** The first name of an emoji, without its skin tone (`+1::skin-tone-3`). */
export function canonicalEmoji(name: string): string {
  const [base = ''] = name.split('::');
  return FIRST.get(base) ?? base;
}
