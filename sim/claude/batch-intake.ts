/**
 * What `POST /v1/messages/batches` checks at once: only the envelope. The `params` are read when the
 * batch is processed.
 */
import { type ApiError, invalidRequest } from './errors.ts';

const MAX_REQUESTS = 100_000;
const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/u;

export interface BatchRequest {
  custom_id: string;
  params: Record<string, unknown>;
}

export function readBatchRequests(body: unknown): BatchRequest[] | ApiError {
  if (!isRecord(body)) return invalidRequest('Input should be a valid dictionary');
  const extra = Object.keys(body).find((key) => key !== 'requests');
  if (extra !== undefined) return invalidRequest(`${extra}: Extra inputs are not permitted`);
  const { requests } = body;
  if (requests === undefined) return invalidRequest('requests: Field required');
  if (!Array.isArray(requests)) return invalidRequest('requests: Input should be a valid list');
  if (requests.length === 0) {
    return invalidRequest('requests: List should have at least 1 item after validation, not 0');
  }
  if (requests.length > MAX_REQUESTS) {
    return invalidRequest(
      `requests: List should have at most ${MAX_REQUESTS} items after validation, not ${requests.length}`,
    );
  }
  const taken: BatchRequest[] = [];
  const seen = new Set<string>();
  for (const [index, request] of requests.entries()) {
    const fault = findFault(request, seen);
    if (typeof fault === 'string') return invalidRequest(`requests.${index}${fault}`);
    taken.push(fault);
  }
  return taken;
}

function findFault(request: unknown, seen: Set<string>): string | BatchRequest {
  if (!isRecord(request)) return ': Input should be a valid dictionary';
  const { custom_id: id, params, ...rest } = request;
  const [extra] = Object.keys(rest);
  if (extra !== undefined) return `.${extra}: Extra inputs are not permitted`;
  if (id === undefined) return '.custom_id: Field required';
  if (typeof id !== 'string') return '.custom_id: Input should be a valid string';
  if (id.length === 0) return '.custom_id: String should have at least 1 character';
  if (id.length > 64) return '.custom_id: String should have at most 64 characters';
  if (!CUSTOM_ID.test(id)) {
    return ".custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";
  }
  if (seen.has(id))
    return `.custom_id: custom_id must be unique within a batch, found "${id}" twice`;
  seen.add(id);
  if (params === undefined) return '.params: Field required';
  if (!isRecord(params)) return '.params: Input should be a valid dictionary';
  return { custom_id: id, params };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
