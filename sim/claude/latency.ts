/**
 * How long the service takes, as distributions: lognormal with a long tail. Every draw follows from the
 * seed and from what it is for, so a run is reproducible in whatever order its calls arrive.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';

const shape = {
  /** Half of all draws take at most this long, in ms. */
  p50Ms: z.number().positive(),
  /** Nine out of ten draws take at most this long, in ms. */
  p90Ms: z.number().positive(),
  /** The slowest `share` of the draws, at most 0.1, takes `factor` times as long as without it. */
  tail: z.strictObject({ share: z.number().min(0).max(0.1), factor: z.number().min(1) }).optional(),
};
const ordered = ({ p50Ms, p90Ms }: { p50Ms: number; p90Ms: number }) => p50Ms <= p90Ms;

export const messageLatency = z.strictObject(shape).refine(ordered, 'p90Ms is less than p50Ms');
export const batchLatency = z
  .strictObject({
    ...shape,
    /**
     * The share of the variance that batches have in common when they begin at the same time; default
     * 0: their times are independent. It drifts: batches that begin `p90Ms` apart have little in common.
     */
    common: z.number().min(0).max(1).optional(),
  })
  .refine(ordered, 'p90Ms is less than p50Ms');

export type Latency = z.infer<typeof messageLatency>;
export type BatchLatency = z.infer<typeof batchLatency>;

export interface Latencies {
  /** Takes the place of `batchMs`; null puts that in force again. */
  batch?: BatchLatency | null | undefined;
  /** Of `POST /v1/messages`; null, the default, answers at once. */
  message?: Latency | null | undefined;
}

/** The 90 % quantile of the standard normal distribution. */
const Z90 = 1.2815515655446004;

/** The time in whole ms that belongs to a draw `z` of the standard normal distribution. */
export function latencyAt({ p50Ms, p90Ms, tail }: Latency, z: number): number {
  const ms = p50Ms * (p90Ms / p50Ms) ** (z / Z90);
  const slow = tail !== undefined && shareAbove(z) < tail.share;
  return Math.round(slow ? ms * tail.factor : ms);
}

/** A number from 0 up to 1 that follows from the key. */
export function drawUniform(key: string): number {
  return hash('sha1', key, 'buffer').readUInt32BE(0) / 2 ** 32;
}

/** A draw of the standard normal distribution that follows from the key (Box-Muller). */
function drawNormal(key: string): number {
  const digest = hash('sha1', key, 'buffer');
  const radius = Math.sqrt(-2 * Math.log((digest.readUInt32BE(0) + 1) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * digest.readUInt32BE(4)) / 2 ** 32);
}

/** Draws the time of each batch and of each message. */
export class LatencyDraws {
  readonly #seed: number;
  #batch: BatchLatency | null = null;
  #message: Latency | null = null;
  /** How often each request has been made. */
  readonly #asked = new Map<string, number>();

  /** @throws ZodError on numbers that make no distribution */
  constructor(seed: number, latencies: Latencies = {}) {
    this.#seed = seed;
    this.set(latencies);
  }

  /** Changes those that are named. @throws ZodError on numbers that make no distribution */
  set({ batch, message }: Latencies): void {
    if (batch !== undefined) this.#batch = batch && batchLatency.parse(batch);
    if (message !== undefined) this.#message = message && messageLatency.parse(message);
  }

  /** How long the batch with this number takes, in ms; undefined without a distribution. */
  drawBatch(number: number, at: number): number | undefined {
    if (this.#batch === null) return undefined;
    const { common = 0, p90Ms } = this.#batch;
    const own = drawNormal(`${this.#seed} batch ${number}`);
    const shared = common > 0 ? this.#drawCommon(at / p90Ms) : 0;
    const z = Math.sqrt(common) * shared + Math.sqrt(1 - common) * own;
    return latencyAt(this.#batch, z);
  }

  /** How long this request takes, in ms; another time whenever it is made again. */
  drawMessage(request: unknown): number {
    if (this.#message === null) return 0;
    const content = hash('sha1', JSON.stringify(request), 'base64');
    const times = this.#asked.get(content) ?? 0;
    this.#asked.set(content, times + 1);
    return latencyAt(this.#message, drawNormal(`${this.#seed} message ${content} ${times}`));
  }

  /** What all batches have in common: between two whole numbers one draw turns into the next. */
  #drawCommon(time: number): number {
    const before = Math.floor(time);
    const angle = ((time - before) * Math.PI) / 2;
    const draw = (index: number) => drawNormal(`${this.#seed} common ${index}`);
    return Math.cos(angle) * draw(before) + Math.sin(angle) * draw(before + 1);
  }
}

/** The share of the standard normal distribution above z (Abramowitz and Stegun 26.2.17). */
function shareAbove(z: number): number {
  if (z < 0) return 1 - shareAbove(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const sum =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
