/** What can be made to fail, and how often. Each `add` returns a function that removes the fault. */
import { type Overload, Overloads, type OverloadsOptions } from './overload.ts';

/** How the answer of an item that succeeds is unusual or unusable. */
export type Twist =
  | 'refusal'
  | 'max_tokens'
  | 'thinking_first'
  | 'enum_case'
  | 'not_json'
  | 'wrong_schema'
  /** Ids that the prompt did not contain, or duplicates. */
  | 'strange_ids'
  | 'fenced';

export type RequestFault =
  /** Answers with this error instead of doing anything. */
  | {
      kind: 'status';
      status: number;
      errorType?: string;
      message?: string;
      headers?: Record<string, string>;
    }
  /** The socket is destroyed; nothing was done. */
  | { kind: 'cut' }
  /** No answer ever comes; nothing was done. */
  | { kind: 'hang' }
  /** 429 `enforced_spend_limit_reached` without `retry-after`. */
  | { kind: 'spend_cap' }
  /** A limit that the customer set: 400 `invalid_request_error`. */
  | { kind: 'spend_limit_400' }
  | Overload;

export type CreateFault =
  /** The batch is created, then the socket is destroyed. With a path also for a message. */
  | { kind: 'lost_answer' }
  /** The batch is created, but the answer is this 5xx (default 500). */
  | { kind: 'created_then_5xx'; status?: number };

/** Retrieving a batch that has not ended returns 404, as often as `times` says. */
export type RetrieveFault = { kind: 'not_found_after_create' };

/** What is wrong with the stream of results; rows are counted from 0. */
export type ResultsFault =
  /** The socket is destroyed in the middle of the line after `afterRows` whole ones. */
  | { kind: 'results_cut'; afterRows: number }
  /** The stream ends cleanly after `rows` rows. */
  | { kind: 'results_short'; rows: number }
  /** Half of this line is missing; the stream goes on. */
  | { kind: 'results_broken_line'; atRow: number }
  /** This row (default the first) is sent twice. */
  | { kind: 'results_duplicate_row'; atRow?: number }
  /** An unknown row is inserted before this one (default the first). */
  | { kind: 'results_unknown_custom_id'; atRow?: number }
  /** The stream stops after `afterRows` rows, but the socket stays open. */
  | { kind: 'results_stall'; afterRows: number };

export type Fault = (RequestFault | CreateFault | RetrieveFault | ResultsFault) & {
  /** Matched against the path without the query; default: all paths where the kind makes sense. */
  path?: RegExp;
  method?: string;
  /** How often; default 1, for `overloaded` without end. */
  times?: number;
};

export type ItemOutcome =
  | { outcome: 'errored'; errorType: string; message?: string }
  | { outcome: 'expired' | 'canceled' | Twist };

/**
 * The outcome of single items, decided in request order when their batch ends. For a
 * `POST /v1/messages` the custom_id is ''. `times` defaults to every match.
 */
export type ItemFault = ItemOutcome & {
  match: (customId: string, text: string) => boolean;
  times?: number;
};

/**
 * A request that makes the service refuse its whole batch: 400 `requests.N.params: …`. It lasts until
 * it is removed.
 */
export interface BatchRefusal {
  match: (customId: string, text: string) => boolean;
  message: string;
}

const SPENDING = /^\/v1\/messages(\/batches)?$/u;
const CREATE = /^\/v1\/messages\/batches$/u;
const RETRIEVE = /^\/v1\/messages\/batches\/[^/]+$/u;
const RESULTS = /^\/v1\/messages\/batches\/[^/]+\/results$/u;

function defaultTarget(kind: Fault['kind']): { path?: RegExp; method?: string } {
  switch (kind) {
    case 'status':
    case 'cut':
    case 'hang':
      return {};
    case 'spend_cap':
    case 'spend_limit_400':
    case 'overloaded':
      return { path: SPENDING, method: 'POST' };
    case 'lost_answer':
    case 'created_then_5xx':
      return { path: CREATE, method: 'POST' };
    case 'not_found_after_create':
      return { path: RETRIEVE, method: 'GET' };
    default:
      return { path: RESULTS, method: 'GET' };
  }
}

const REQUEST_KINDS: string[] = [
  'status',
  'cut',
  'hang',
  'spend_cap',
  'spend_limit_400',
  'overloaded',
] satisfies RequestFault['kind'][];

interface Armed<T> {
  fault: T;
  left: number;
}

export class Faults {
  readonly overloads: Overloads;
  readonly #faults = new Set<Armed<Fault>>();
  readonly #refusals = new Set<BatchRefusal>();
  readonly #items = new Set<Armed<ItemFault>>();

  constructor(options: OverloadsOptions) {
    this.overloads = new Overloads(options);
  }

  addRefusal(refusal: BatchRefusal): () => void {
    this.#refusals.add(refusal);
    return () => void this.#refusals.delete(refusal);
  }

  /** What is wrong with a batch: its first request that is refused. */
  findRefusal(requests: { custom_id: string; params: unknown }[]): string | undefined {
    for (const [index, { custom_id, params }] of requests.entries()) {
      const text = JSON.stringify(params);
      for (const { match, message } of this.#refusals) {
        if (match(custom_id, text)) return `requests.${index}.params: ${message}`;
      }
    }
    return undefined;
  }

  add(fault: Fault): () => void {
    const armed =
      fault.kind === 'overloaded'
        ? { fault: this.overloads.begin(fault), left: fault.times ?? Number.POSITIVE_INFINITY }
        : { fault, left: fault.times ?? 1 };
    this.#faults.add(armed);
    return () => this.#remove(armed);
  }

  addItem(fault: ItemFault): () => void {
    const armed = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#items.add(armed);
    return () => void this.#items.delete(armed);
  }

  clear(): void {
    for (const armed of this.#faults) this.#remove(armed);
    this.#items.clear();
    this.#refusals.clear();
  }

  hasItems(): boolean {
    return this.#items.size > 0;
  }

  takeRequest(method: string, path: string): RequestFault | undefined {
    return this.#take(method, path, (fault): fault is RequestFault & Fault =>
      REQUEST_KINDS.includes(fault.kind),
    );
  }

  takeCreate(method: string, path: string): CreateFault | undefined {
    return this.#take(method, path, (fault): fault is CreateFault & Fault =>
      ['lost_answer', 'created_then_5xx'].includes(fault.kind),
    );
  }

  takeRetrieve(method: string, path: string): RetrieveFault | undefined {
    return this.#take(
      method,
      path,
      (fault): fault is RetrieveFault & Fault => fault.kind === 'not_found_after_create',
    );
  }

  takeResults(method: string, path: string): ResultsFault | undefined {
    return this.#take(method, path, (fault): fault is ResultsFault & Fault =>
      fault.kind.startsWith('results_'),
    );
  }

  takeItem(customId: string, text: string): ItemOutcome | undefined {
    for (const armed of this.#items) {
      if (!armed.fault.match(customId, text)) continue;
      armed.left -= 1;
      if (armed.left <= 0) this.#items.delete(armed);
      return armed.fault;
    }
    return undefined;
  }

  #take<T extends Fault>(
    method: string,
    path: string,
    isKind: (fault: Fault) => fault is T,
  ): T | undefined {
    for (const armed of this.#faults) {
      const { fault } = armed;
      if (!isKind(fault)) continue;
      const target = defaultTarget(fault.kind);
      if (!(fault.path ?? target.path ?? /^/u).test(path)) continue;
      if ((fault.method ?? target.method ?? method).toUpperCase() !== method) continue;
      if (!this.#isInForce(fault)) continue;
      armed.left -= 1;
      if (armed.left <= 0) this.#remove(armed);
      return fault;
    }
    return undefined;
  }

  #isInForce(fault: Fault): boolean {
    return fault.kind !== 'overloaded' || this.overloads.refuses(fault);
  }

  #remove(armed: Armed<Fault>): void {
    this.#faults.delete(armed);
    if (armed.fault.kind === 'overloaded') this.overloads.end(armed.fault);
  }
}
