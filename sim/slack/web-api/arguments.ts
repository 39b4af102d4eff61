// Reads the arguments of a call from form fields, multipart or JSON.
import { ApiError, type JsonObject } from '../types.ts';

/** Arguments that a form field holds as JSON text. */
const JSON_FIELDS = ['blocks', 'attachments', 'metadata', 'view', 'files', 'unfurls'];

export async function readArguments(body: Buffer, contentType: string): Promise<JsonObject> {
  if (contentType.startsWith('application/json')) {
    try {
      return JSON.parse(body.toString('utf8')) as JsonObject;
    } catch {
      throw new ApiError('invalid_json');
    }
  }
  const args: JsonObject = {};
  if (contentType.startsWith('multipart/form-data')) {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    }).formData();
    for (const [key, value] of form) args[key] = value;
  } else {
    for (const [key, value] of new URLSearchParams(body.toString('utf8'))) args[key] = value;
  }
  for (const key of JSON_FIELDS) {
    const value = args[key];
    if (typeof value !== 'string' || value === '') continue;
    try {
      args[key] = JSON.parse(value);
    } catch {
      throw new ApiError(
        key === 'blocks'
          ? 'invalid_blocks_format'
          : key === 'metadata'
            ? 'invalid_metadata_format'
            : 'invalid_arguments',
      );
    }
  }
  return args;
}

/** A text argument; undefined when it is missing or empty. */
export function readText(args: JsonObject, key: string): string | undefined {
  const value = args[key];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requireText(args: JsonObject, key: string, error = 'invalid_arguments'): string {
  const value = readText(args, key);
  if (value === undefined) {
    throw new ApiError(error, {
      response_metadata: { messages: [`[ERROR] missing required field: ${key}`] },
    });
  }
  return value;
}

export function readFlag(args: JsonObject, key: string): boolean {
  const value = args[key];
  return value === true || value === 'true' || value === '1' || value === 1;
}

/** The `limit` of a paged method, 1 to `max`. */
export function readLimit(args: JsonObject, max: number, fallback: number): number {
  const value = readText(args, 'limit');
  if (value === undefined) return fallback;
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1 || limit > max) throw new ApiError('invalid_limit');
  return limit;
}

export function writeCursor(position: string): string {
  return Buffer.from(`next:${position}`).toString('base64');
}

export function readCursor(args: JsonObject): string | undefined {
  const cursor = readText(args, 'cursor');
  if (cursor === undefined) return undefined;
  const position = /^next:([\d.]+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1];
  if (position === undefined) throw new ApiError('invalid_cursor');
  return position;
}

/** One page of a list with a stable order. */
export function pageOf<T>(
  items: readonly T[],
  args: JsonObject,
  limit: number,
): { page: T[]; next: string } {
  const from = Number(readCursor(args) ?? '0');
  const page = items.slice(from, from + limit);
  return { page, next: from + limit < items.length ? writeCursor(String(from + limit)) : '' };
}
