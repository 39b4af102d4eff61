// The message metadata that Slack accepts (docs.slack.dev/messaging/message-metadata): primitives, one
// level of objects, and arrays of such objects. No size is documented; the sim allows 1 KB.
import { ApiError, isObject, type JsonObject } from './types.ts';

const MAX_BYTES = 1024;

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isFlatObject(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isPrimitive);
}

/** The metadata to store; undefined for `{}`, which removes it. Refuses what chat.postMessage refuses. */
export function checkMetadata(value: unknown): JsonObject | undefined {
  if (!isObject(value)) throw new ApiError('invalid_metadata_format');
  if (Object.keys(value).length === 0) return undefined;
  const { event_type: type, event_payload: payload, ...rest } = value;
  if (
    typeof type !== 'string' ||
    type === '' ||
    !isObject(payload) ||
    Object.keys(rest).length > 0
  ) {
    throw new ApiError('invalid_metadata_format');
  }
  for (const [key, entry] of Object.entries(payload)) {
    const fits =
      isPrimitive(entry) ||
      isFlatObject(entry) ||
      (Array.isArray(entry) && entry.every(isFlatObject));
    if (!fits) {
      throw new ApiError('invalid_metadata_schema', {
        response_metadata: {
          messages: [`[ERROR] unsupported type [json-pointer:/metadata/event_payload/${key}]`],
        },
      });
    }
  }
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES)
    throw new ApiError('metadata_too_large');
  return value;
}
