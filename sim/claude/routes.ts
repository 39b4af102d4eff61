/** The endpoints: each returns its answer as a value. server.ts handles authentication and faults first. */
import { makeMessage, readJudgedText } from './answer.ts';
import { type Batch, expiryOf } from './batch.ts';
import type { BatchBook } from './batch-book.ts';
import { readBatchRequests } from './batch-intake.ts';
import { invalidRequest, makeError, notFound } from './errors.ts';
import type { Faults } from './faults.ts';
import { type Reply, refuse, replyJson } from './http-reply.ts';
import type { LatencyDraws } from './latency.ts';
import { describeModel, findModel, type Lifecycle, listModels } from './models.ts';
import { pageOf } from './paging.ts';
import { checkCountParams, checkMessageParams, type MessageParams } from './params.ts';
import { countInputTokens, type PromptCache } from './prompt-cache.ts';
import type { MessageLimit, MessageLimits, RequestLimit } from './rate-limit.ts';

export interface Service {
  batches: BatchBook;
  faults: Faults;
  cache: PromptCache;
  draws: LatencyDraws;
  limits: { messages: MessageLimits; counting: RequestLimit; batches: RequestLimit };
  maxQueued: number;
  resultsUrl: () => string;
  now: () => number;
  /** Called for every valid request for a message outside batches. */
  keepAsked: (params: MessageParams) => void;
  /** Called for every message answered outside batches. */
  spend: (usage: ReturnType<typeof makeMessage>['usage']) => void;
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  /** The limit of the model that a message is asked of. */
  limit?: MessageLimit | undefined;
  requestId: string;
}

const BATCH = /^\/v1\/messages\/batches\/([^/]+)(\/results|\/cancel)?$/u;
const MODEL = /^\/v1\/models\/([^/]+)$/u;

export function answerRequest(service: Service, asked: Asked): Reply {
  const { method, path } = asked;
  switch (`${method} ${path}`) {
    case 'POST /v1/messages':
      return createMessage(service, asked);
    case 'POST /v1/messages/count_tokens':
      return countTokens(service, asked);
    case 'POST /v1/messages/batches':
      return createBatch(service, asked);
    case 'GET /v1/messages/batches':
      return listBatches(service, asked);
    case 'GET /v1/models':
      return replyModels(service, asked);
  }
  const model = MODEL.exec(path)?.[1];
  if (model !== undefined && method === 'GET') {
    const found = findModel(decodeURIComponent(model));
    if (found === undefined) return refuse(notFound(`model: ${model}`));
    return replyJson(describeModel(found, service.now()));
  }
  const [, id, action = ''] = BATCH.exec(path) ?? [];
  if (id !== undefined) return answerAboutBatch(service, asked, id, action);
  return refuse(notFound('Not found'));
}

function createMessage(service: Service, asked: Asked): Reply {
  const { cache, faults, now } = service;
  const checked = checkMessageParams(asked.body, now());
  const uncached = checked.kind === 'invalid' ? 0 : measureUncached(cache, checked.params, now());
  const limited = asked.limit?.take(uncached, now());
  if (limited) return refuse(limited);
  if (checked.kind === 'invalid') return refuse(checked.error);
  const { params } = checked;
  service.keepAsked(params);
  if (params.stream === true) {
    return refuse(invalidRequest('stream: the simulation of this service does not stream'));
  }
  const fault = faults.takeItem('', readJudgedText(params));
  if (fault?.outcome === 'errored') {
    return refuse(makeError(fault.errorType, fault.message ?? 'Simulated'));
  }
  // Only batches can be canceled or expire.
  const outcome = fault?.outcome;
  const twist = outcome === 'expired' || outcome === 'canceled' ? undefined : outcome;
  const takesMs = service.draws.drawMessage(params);
  const use = cache.use(params, now(), false, now() + takesMs);
  const message = makeMessage(params, use, 'standard', asked.requestId, twist);
  asked.limit?.takeOutput(message.usage.output_tokens, now());
  service.spend(message.usage);
  const lost = faults.takeCreate(asked.method, asked.path);
  if (lost?.kind === 'lost_answer') return { kind: 'lost', takesMs };
  if (lost) {
    const error = makeError('api_error', 'Internal server error');
    return { ...refuse({ ...error, status: lost.status ?? 500 }), takesMs };
  }
  return { ...replyJson(message), takesMs };
}

/** The input tokens that count toward the limit: those read from the cache do not. */
function measureUncached(cache: PromptCache, params: MessageParams, now: number): number {
  const { input, written5m, written1h } = cache.measure(params, now);
  return input + written5m + written1h;
}

function countTokens({ now }: Service, { body }: Asked): Reply {
  const checked = checkCountParams(body, now());
  if (checked.kind === 'invalid') return refuse(checked.error);
  return replyJson({ input_tokens: countInputTokens(checked.params) });
}

function createBatch(service: Service, { method, path, body }: Asked): Reply {
  const requests = readBatchRequests(body);
  if (!Array.isArray(requests)) return refuse(requests);
  const { batches, faults, maxQueued } = service;
  const refusal = faults.findRefusal(requests);
  if (refusal !== undefined) return refuse(invalidRequest(refusal));
  const queued = batches.countQueued();
  if (queued + requests.length > maxQueued) {
    const message = `This request would exceed your organization's limit of ${maxQueued} batch requests in processing queue.`;
    return refuse(makeError('rate_limit_error', message, { 'retry-after': '60' }));
  }
  const batch = batches.create(requests);
  const fault = faults.takeCreate(method, path);
  switch (fault?.kind) {
    case undefined:
      return replyJson(describeBatch(service, batch));
    case 'lost_answer':
      return { kind: 'lost' };
    case 'created_then_5xx':
      return refuse({
        ...makeError('api_error', 'Internal server error'),
        status: fault.status ?? 500,
      });
    default:
      return fault satisfies never;
  }
}

function answerAboutBatch(service: Service, asked: Asked, id: string, action: string): Reply {
  const { batches, faults } = service;
  const { method, path } = asked;
  const missing = refuse(notFound(`Message batch ${id} not found.`));
  const batch = batches.find(id);
  if (batch === undefined) return missing;
  switch (`${method} ${action}`) {
    case 'GET ':
      if (batch.status !== 'ended' && faults.takeRetrieve(method, path)) return missing;
      return replyJson(describeBatch(service, batch));
    case 'GET /results':
      if (batch.status !== 'ended') {
        return refuse(notFound(`Message batch ${id} has no available results: it is processing.`));
      }
      if (batches.isArchived(batch)) {
        return refuse(notFound(`The results of message batch ${id} are no longer available.`));
      }
      return { kind: 'results', batch };
    case 'POST /cancel':
      if (batch.status === 'ended') {
        return refuse(invalidRequest(`Message batch ${id} has ended and cannot be canceled.`));
      }
      batches.cancel(batch);
      return replyJson(describeBatch(service, batch));
    case 'DELETE ':
      if (batch.status !== 'ended') {
        const message = `Message batch ${id} cannot be deleted while it is processing; cancel it first.`;
        return refuse(invalidRequest(message));
      }
      batches.remove(batch);
      return replyJson({ id, type: 'message_batch_deleted' });
    default:
      return refuse({ ...invalidRequest('Method Not Allowed'), status: 405 });
  }
}

function listBatches(service: Service, { query }: Asked): Reply {
  const page = pageOf(service.batches.list(), query);
  if (page.kind === 'refused') return page;
  return replyJson({ ...page.body, data: page.items.map((item) => describeBatch(service, item)) });
}

function replyModels({ now }: Service, { query }: Asked): Reply {
  const asked = [...query.getAll('lifecycle'), ...query.getAll('lifecycle[]')];
  const known: Lifecycle[] = ['active', 'deprecated', 'retired'];
  const wanted = known.filter((stage) =>
    asked.length === 0 ? stage !== 'retired' : asked.includes(stage),
  );
  const page = pageOf(listModels(wanted, now()), query);
  if (page.kind === 'refused') return page;
  return replyJson({ ...page.body, data: page.items.map((item) => describeModel(item, now())) });
}

function describeBatch({ resultsUrl, batches }: Service, batch: Batch) {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    id: batch.id,
    type: 'message_batch' as const,
    processing_status: batch.status,
    request_counts: batch.counts,
    created_at: time(batch.createdAt),
    expires_at: time(expiryOf(batch)),
    ended_at: time(batch.endedAt),
    cancel_initiated_at: time(batch.cancelInitiatedAt),
    archived_at: batches.isArchived(batch) ? time(batch.createdAt + 29 * 86_400_000) : null,
    results_url:
      batch.status === 'ended' ? `${resultsUrl()}/v1/messages/batches/${batch.id}/results` : null,
  };
}
