/** Errors in the service's form: `{type:'error', error:{type,message}, request_id}`. */
export interface ApiError {
  status: number;
  type: string;
  message: string;
  headers?: Record<string, string>;
  details?: Record<string, unknown>;
}

const STATUS_BY_TYPE: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The HTTP status of an error type; 500 for an unknown one. */
function statusOfErrorType(type: string): number {
  return STATUS_BY_TYPE[type] ?? 500;
}

/** The error type of an HTTP status; the service calls other 4xx `invalid_request_error`. */
export function errorTypeOfStatus(status: number): string {
  const found = Object.entries(STATUS_BY_TYPE).find(([, known]) => known === status);
  return found?.[0] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

export function makeError(type: string, message: string, headers?: Record<string, string>) {
  const error: ApiError = { status: statusOfErrorType(type), type, message };
  if (headers !== undefined) error.headers = headers;
  return error;
}

export function invalidRequest(message: string): ApiError {
  return makeError('invalid_request_error', message);
}

export function notFound(message: string): ApiError {
  return makeError('not_found_error', message);
}

/** A spend cap of the organisation: 429 without `retry-after`, because waiting does not help. */
export function spendCapError(): ApiError {
  return {
    status: 429,
    type: 'rate_limit_error',
    message: "This request would exceed your organization's enforced spend limit.",
    details: { error_code: 'enforced_spend_limit_reached' },
  };
}

/** A limit that the customer set is a 400: not every 400 means bad data. */
export function spendLimitError(): ApiError {
  return invalidRequest(
    'You have reached your specified API usage limits. You will regain access on the first of next month at 00:00 UTC.',
  );
}

export function errorEnvelope(error: ApiError, requestId: string | null) {
  const { type, message, details } = error;
  return {
    type: 'error' as const,
    error: details === undefined ? { type, message } : { type, message, details },
    request_id: requestId,
  };
}
