import { parseArgs } from 'node:util';
import type { Lane } from '../src/core/runs/lane.ts';
import { PlainError } from './plain-error.ts';

export const HELP = `npm run eval: measures how well messages are judged, with the bot's own prompt, on labelled messages.

what is judged
  --data FILE      labelled messages, one JSON object a line: {"text": …, "label": …, "id": …}
                   label: a word, or a list of words that are all right; default: sample reviews
  --mapping FILE   YAML or JSON: label: category, a list of categories, or null to leave it out
                   default: the labels are the categories
  --themes         how well messages are grouped, instead of judged; each label is a cluster, and what
                   stands before its first / is the channel; default: 800 reviews in 252 clusters
  --people         instead of a file: what your team has corrected and confirmed (DATABASE_URL)
  --sample N       judge N of them, with the same shares of labels; default: all
                   with --themes: whole clusters, until there are N messages
  --seed S         which ones, and the intervals; the same seed gives the same (1)

how
  --model NAME     default: CLAUDE_MODEL
  --taxonomy FILE  default: TAXONOMY_FILE, or the built-in one
  --lane NAME      batch (half price), express, or both (batch)
  --examples N     also with up to N labelled messages as corrections: a learning curve
  --answers FILE   keeps the answers, so that they are asked for once (data/eval-answers.jsonl)
  --fake           the stand-in's keyword rules instead of Claude, even with ANTHROPIC_API_KEY
  --yes            do not ask before money is spent

what comes of it
  --json           print only the figures, as JSON; with npm run -s
  --html FILE      write them as a page with pictures

  --help           show this text`;

export interface Options {
  help: boolean;
  data: string | undefined;
  mapping: string | undefined;
  themes: boolean;
  people: boolean;
  sample: number | undefined;
  seed: number;
  model: string | undefined;
  taxonomy: string | undefined;
  /** The first one's figures are the main ones. */
  lanes: Lane[];
  examples: number | undefined;
  answers: string | undefined;
  fake: boolean;
  yes: boolean;
  json: boolean;
  html: string | undefined;
}

/** @throws PlainError on options that mean nothing */
export function readOptions(args: string[]): Options {
  const values = parse(args);
  const { lane, sample, seed, examples, ...rest } = values;
  if (values.people && (values.data !== undefined || values.mapping !== undefined)) {
    throw refuse(
      '--people takes the messages and labels from the database, so it goes without --data and --mapping.',
    );
  }
  if (values.themes && (values.people || values.mapping !== undefined || examples !== undefined)) {
    throw refuse('--themes goes without --people, --mapping and --examples.');
  }
  if (values.themes && lane === 'both') {
    throw refuse('--themes takes one lane, because both would have gists of their own.');
  }
  return {
    ...rest,
    data: values.data,
    mapping: values.mapping,
    model: values.model,
    taxonomy: values.taxonomy,
    answers: values.answers,
    html: values.html,
    lanes: readLanes(lane),
    sample: sample === undefined ? undefined : readNumber('--sample', sample, 1),
    seed: readNumber('--seed', seed, 0),
    examples: examples === undefined ? undefined : readNumber('--examples', examples, 1),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        data: { type: 'string' },
        mapping: { type: 'string' },
        themes: { type: 'boolean', default: false },
        people: { type: 'boolean', default: false },
        sample: { type: 'string' },
        seed: { type: 'string', default: '1' },
        model: { type: 'string' },
        taxonomy: { type: 'string' },
        lane: { type: 'string', default: 'batch' },
        examples: { type: 'string' },
        answers: { type: 'string' },
        fake: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        html: { type: 'string' },
      },
    }).values;
  } catch (error) {
    // Node says what is wrong with it in a sentence.
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

const refuse = (words: string) => new PlainError(`${words}\n--help lists the options.`);

function readLanes(text: string): Lane[] {
  if (text === 'batch' || text === 'express') return [text];
  if (text === 'both') return ['batch', 'express'];
  throw refuse(`--lane takes batch, express or both, not "${text}".`);
}

function readNumber(flag: string, text: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw refuse(`${flag} takes a whole number from ${least}, not "${text}".`);
}
