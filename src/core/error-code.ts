/** The system's code for a failure, such as `ECONNREFUSED`. `fetch` hides it in a chain of causes. */
export function findErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? undefined : findErrorCode(error.cause);
}
