import { hash } from 'node:crypto';
import { renderInstructions } from '../src/claude/prompt.ts';
import type { Lane } from '../src/core/runs/lane.ts';
import { type Reading, readResult } from '../src/core/runs/verdict.ts';
import { toPlainText } from '../src/core/text.ts';
import type { Recorded } from './ask/answers.ts';
import { type Asked, askAll } from './ask/ask-all.ts';
import { type Io, STAND_IN_NOTE } from './ask/connect.ts';
import type { Question } from './ask/question.ts';
import { readEnvironment } from './environment.ts';
import { drawSample } from './gold/draw-sample.ts';
import { type GoldSet, loadGold } from './gold/load-gold.ts';
import type { Options } from './options.ts';
import { type Point, planQuestions } from './plan.ts';
import type { CurvePoint, Mistake, Report } from './report/report.ts';
import { judgeByKeywords, judgeByNearest } from './score/baselines.ts';
import { measure } from './score/measure.ts';
import { score } from './score/score.ts';
import { type Answered, scoreAnswers } from './score/score-answers.ts';

/** Measures how well messages are judged. @throws PlainError for what a person can mend */
export async function evaluate(
  options: Options,
  variables: NodeJS.ProcessEnv,
  io: Io,
): Promise<Report> {
  const { seed } = options;
  const environment = await readEnvironment(variables, options.taxonomy);
  const gold = await loadGold(options, environment);
  const { taxonomy, classes, messages } = gold;
  const model = options.model ?? environment.model;
  const { sample, rest } = drawSample(messages, options.sample ?? messages.length, seed);
  const pool = options.people ? messages : rest;
  const plan = await planQuestions(sample, pool, gold, {
    ...options,
    model,
    redact: environment.redact,
  });
  const asked = await askAll(plan, { taxonomy, options, environment, model, io });

  const scoring = { gold, model, seed, asked };
  const lanes = options.lanes.map((lane) => scorePoint(plan.main, lane, scoring));
  const [main] = lanes;
  if (!main) throw new Error('an evaluation has a lane');
  const names = classes.map(({ name }) => name);
  // When all are judged, each is compared with all others.
  const compared = pool.length > 0 ? pool : messages;
  const nearest = await judgeByNearest(sample, compared, taxonomy);
  return {
    ...describeJudge(main.answered, asked),
    model,
    lane: main.lane,
    seed,
    prompt: hash('sha256', renderInstructions(taxonomy)).slice(0, 12),
    data: {
      source: gold.source,
      labelled: messages.length,
      leftOut: gold.leftOut,
      judged: sample.length,
      rest: rest.length,
      examples: plan.main.examples,
      classes,
    },
    ...main.figures,
    seconds: asked.seconds.get(main.lane) ?? 0,
    usdNow: asked.usdNow,
    answers: { file: asked.answers.file ?? null, asked: asked.asked, kept: asked.kept },
    baselines: {
      keywords: score(judgeByKeywords(sample, taxonomy, classes), names, seed),
      nearest: {
        ...score(nearest, names, seed),
        pool: compared.length,
        leaveOneOut: compared !== rest,
      },
    },
    lanes: Object.fromEntries(
      lanes.map(({ lane, figures, answered }) => [
        lane,
        {
          ...figures,
          seconds: asked.seconds.get(lane) ?? 0,
          latency: measureLatency(answered, lane, asked),
        },
      ]),
    ),
    lanesAgree: compareLanes(lanes.map(({ answered }) => answered)),
    curve:
      plan.points.length < 2
        ? []
        : plan.points.map((point) => describePoint(point, main.lane, scoring, point === plan.main)),
    mistakes: listMistakes(main, gold),
  };
}

interface Scoring {
  gold: GoldSet;
  model: string;
  seed: number;
  asked: Asked;
}

function scorePoint(point: Point, lane: Lane, { gold, model, seed, asked }: Scoring, main = true) {
  const questions = point.questions.get(lane) ?? [];
  const answered = questions.map((question) => ({
    message: question.message,
    key: question.key,
    reading: findReading(question, lane, gold, asked, main),
  }));
  const { classes } = gold;
  return { lane, answered, questions, ...scoreAnswers(answered, { classes, lane, model, seed }) };
}

/** @param main whether answers that were recorded elsewhere count: nobody knows with which examples */
function findReading(
  { key, message }: Question,
  lane: Lane,
  { taxonomy }: GoldSet,
  { answers, judge }: Asked,
  main: boolean,
): Reading | undefined {
  const recorded = main ? answers.findRecorded(message.id) : undefined;
  if (recorded) return readResult(toResult(recorded), taxonomy);
  const answer = answers.find(key, lane, judge);
  return answer && readResult(answer.result, taxonomy);
}

/** As Claude would have answered it. */
function toResult({ model, answer }: Recorded) {
  const text = JSON.stringify({ gist: '', language: 'und', theme: 'none', ...answer });
  const usage = { input_tokens: 0, output_tokens: 0 };
  const message = { model, stop_reason: 'end_turn', content: [{ type: 'text', text }], usage };
  return { type: 'succeeded', message };
}

function describeJudge(
  answered: Answered[],
  { answers, judge }: Asked,
): Pick<Report, 'judge' | 'note'> {
  const recorded = answered.filter(({ message }) => answers.findRecorded(message.id)).length;
  if (recorded < answered.length) {
    return judge === 'stand-in' ? { judge, note: STAND_IN_NOTE } : { judge, note: null };
  }
  const note = `Answers that were recorded elsewhere (${answers.file}) were measured: nobody was asked.`;
  return { judge: 'recorded', note };
}

function describePoint(point: Point, lane: Lane, scoring: Scoring, isMain: boolean): CurvePoint {
  const { figures, questions } = scorePoint(point, lane, scoring, isMain);
  const { accuracy, macroF1, macroF1Low, macroF1High, ece, usd } = figures;
  const shown = questions.reduce((sum, { examples }) => sum + examples, 0);
  const names = scoring.gold.classes.map(({ name }) => name);
  const nearest = point.nearest && measure(point.nearest, names);
  return {
    examples: point.examples,
    shown: questions.length === 0 ? 0 : shown / questions.length,
    accuracy,
    macroF1,
    macroF1Low,
    macroF1High,
    ece,
    usd,
    nearest: nearest && { accuracy: nearest.accuracy, macroF1: nearest.macroF1 },
  };
}

/** How long single calls took; null: there were none. */
function measureLatency(answered: Answered[], lane: Lane, { answers, judge }: Asked) {
  const times = answered
    .flatMap(({ key }) => answers.find(key, lane, judge)?.ms ?? [])
    .sort((one, other) => one - other);
  const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? 0;
  return times.length === 0 ? null : { p50Ms: at(0.5), p90Ms: at(0.9) };
}

/** The share of messages with the same category in both lanes. */
function compareLanes([one, other]: Answered[][]): number | null {
  if (!one || !other || one.length === 0) return null;
  const categoryOf = (answered: Answered | undefined) =>
    answered?.reading?.kind === 'judged' ? answered.reading.judgement.category : null;
  const same = one.filter((each, n) => categoryOf(each) === categoryOf(other[n])).length;
  return same / one.length;
}

/** The most confident first: the others, the bot itself doubts. */
function listMistakes(
  { answered, outcomes }: ReturnType<typeof scorePoint>,
  { nameOf }: GoldSet,
): Mistake[] {
  const mistakes = answered.flatMap(({ message, reading }, index): Mistake[] => {
    const { gold = '', predicted = '' } = outcomes[index] ?? {};
    if (gold === predicted) return [];
    const judgement = reading?.kind === 'judged' ? reading.judgement : undefined;
    return [
      {
        id: message.id,
        text: toPlainText(message.text, nameOf),
        gold,
        predicted:
          judgement && predicted !== judgement.category
            ? `${judgement.category} (${predicted})`
            : predicted,
        confidence: judgement?.confidence ?? null,
        gist: judgement?.gist ?? '',
      },
    ];
  });
  return mistakes.sort((one, other) => (other.confidence ?? -1) - (one.confidence ?? -1));
}
