import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Lane } from '../../src/core/runs/lane.ts';
import { readJson } from '../gold/read-data.ts';
import { PlainError } from '../plain-error.ts';

/**
 * Answers, kept in a file, one JSON object a line, appended as they come: scoring again asks nobody, and
 * an evaluation that was killed goes on. docs/evaluate.md says what a line has.
 */

const laneSchema = z.enum(['batch', 'express']);

/** Who answered: the stand-in's answers never count as Claude's. */
const judgeSchema = z.enum(['claude', 'stand-in']);
export type Judge = z.infer<typeof judgeSchema>;

const answerSchema = z.object({
  kind: z.literal('answer'),
  key: z.string(),
  lane: laneSchema,
  judge: judgeSchema,
  /** How long a call took; batches do not say. */
  ms: z.number().optional(),
  /** As a line of a batch's results has it. */
  result: z.unknown(),
});
type Answer = z.infer<typeof answerSchema>;

/** A batch that is about to be made, or was: if its results never came, they are fetched. */
const batchSchema = z.object({
  kind: z.literal('batch'),
  judge: judgeSchema,
  /** Stands in the custom ids of its requests. */
  run: z.number(),
  /** By the number of the request; none once it is settled. */
  keys: z.array(z.string()),
  at: z.number(),
  /** null: it is about to be made. */
  batch: z.string().nullable(),
});
export type KeptBatch = z.infer<typeof batchSchema>;

/** An answer that was recorded elsewhere: it belongs to a message, whatever the prompt was. */
const recordedSchema = z.object({
  id: z.string(),
  model: z.string().default('recorded'),
  answer: z.looseObject({ category: z.string() }),
});
export type Recorded = z.infer<typeof recordedSchema>;

/** Where a message was put by a grouping that was made elsewhere. */
const recordedGroupSchema = z.object({
  id: z.string(),
  model: z.string().default('recorded'),
  /** Any name that all messages of the group have. */
  ask: z.string().min(1),
  topic: z.string().min(1).nullable().default(null),
});
export type RecordedGroup = z.infer<typeof recordedGroupSchema>;

const lineSchema = z.union([
  z.discriminatedUnion('kind', [answerSchema, batchSchema]),
  recordedSchema,
  recordedGroupSchema,
]);

export class Answers {
  readonly #file: string | undefined;
  readonly #answers = new Map<string, Answer>();
  readonly #batches = new Map<number, KeptBatch>();
  readonly #ids = new Set<string>();
  readonly #recorded = new Map<string, Recorded>();
  readonly #groups = new Map<string, RecordedGroup>();

  /** @param file where they are kept; undefined: nowhere @throws PlainError when a line is wrong */
  constructor(file: string | undefined) {
    this.#file = file;
    if (file === undefined) return;
    if (existsSync(file)) this.#read(file);
  }

  /** Where they are kept. */
  get file(): string | undefined {
    return this.#file;
  }

  isEmpty(): boolean {
    return this.#answers.size === 0;
  }

  find(key: string, lane: Lane, judge: Judge): Answer | undefined {
    return this.#answers.get(`${key} ${lane} ${judge}`);
  }

  findRecorded(id: string): Recorded | undefined {
    return this.#recorded.get(id);
  }

  findRecordedGroup(id: string): RecordedGroup | undefined {
    return this.#groups.get(id);
  }

  /** Batches of which something is missing, the oldest first. */
  listOpenBatches(judge: Judge): KeptBatch[] {
    return [...this.#batches.values()].filter(
      (batch) => batch.judge === judge && batch.keys.some((key) => !this.find(key, 'batch', judge)),
    );
  }

  /** Batches of Claude's that were made here. */
  listBatchIds(): Set<string> {
    return new Set(this.#ids);
  }

  /** A number that no other batch has, here or elsewhere. */
  nextRun(now: number): number {
    return Math.max(now, ...[...this.#batches.keys()].map((run) => run + 1));
  }

  add(line: Answer | KeptBatch): void {
    this.#take(line);
    if (this.#file === undefined) return;
    mkdirSync(path.dirname(path.resolve(this.#file)), { recursive: true });
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  #take(line: z.infer<typeof lineSchema>): void {
    if ('ask' in line) this.#groups.set(line.id, line);
    else if (!('kind' in line)) this.#recorded.set(line.id, line);
    else if (line.kind === 'batch') {
      this.#batches.set(line.run, line);
      if (line.batch !== null) this.#ids.add(line.batch);
    }
    // Answers of the same are the same; the last counts.
    else this.#answers.set(`${line.key} ${line.lane} ${line.judge}`, line);
  }

  #read(file: string): void {
    const content = readFileSync(file, 'utf8');
    const lines = content.split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.trim() === '' || isHalf(line)) continue;
      const where = `${path.basename(file)}, line ${index + 1}`;
      const parsed = lineSchema.safeParse(readJson(line, where));
      if (!parsed.success) throw new PlainError(`${where}: ${EXPECTED}`);
      this.#take(parsed.data);
    }
    if (lines.at(-1) !== '') appendFileSync(file, '\n');
  }
}

/** Whether it is the beginning of a line, which a killed evaluation has left. */
const isHalf = (line: string) => line.startsWith('{"kind":') && !line.trimEnd().endsWith('}');

const EXPECTED =
  'this is no answer. Use the file that an evaluation wrote, or lines such as {"id": "…", "answer": {"category": "bug", "sentiment": "negative", "urgency": "low", "confidence": 0.9}}; for --themes {"id": "…", "ask": "…", "topic": "…"}';
