/** Cursor pages, newest first: `limit` (1 to 1,000, default 20), `after_id` or `before_id`. */
import { invalidRequest } from './errors.ts';
import { type Refusal, refuse } from './http-reply.ts';

type Page<T> =
  | {
      kind: 'page';
      items: readonly T[];
      body: { has_more: boolean; first_id: string | null; last_id: string | null };
    }
  | Refusal;

export function pageOf<T extends { id: string }>(
  all: readonly T[],
  query: URLSearchParams,
): Page<T> {
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit)) return fail('limit: Input should be a valid integer');
  if (limit < 1) return fail('limit: Input should be greater than or equal to 1');
  if (limit > 1000) return fail('limit: Input should be less than or equal to 1000');
  const after = query.get('after_id');
  const before = query.get('before_id');
  if (after && before) return fail('Only one of after_id and before_id can be provided');
  const cursor = after || before;
  const at = cursor ? all.findIndex(({ id }) => id === cursor) : -1;
  if (cursor && at < 0) return fail(`${after ? 'after_id' : 'before_id'}: ${cursor} not found`);
  const start = before ? Math.max(0, at - limit) : at + 1;
  const end = before ? at : start + limit;
  const items = all.slice(start, end);
  const has_more = before ? start > 0 : end < all.length;
  const body = { has_more, first_id: items[0]?.id ?? null, last_id: items.at(-1)?.id ?? null };
  return { kind: 'page', items, body };
}

function fail(message: string) {
  return refuse(invalidRequest(message));
}
