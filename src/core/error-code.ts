/** The system's code of a failure (`ECONNREFUSED`), which fetch hides in a chain of causes. */
export function findErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? undefined : findErrorCode(error.cause);
}
