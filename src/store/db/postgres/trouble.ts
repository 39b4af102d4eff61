/** What somebody who starts the bot can do about a server that refuses it. */
const ADVICE: [refused: RegExp, advice: string][] = [
  [
    /pg_hba\.conf/,
    'Let the server take connections from here (pg_hba.conf), or write sslmode=verify-full if it wants TLS.',
  ],
  [/^(?:28000|28P01)$/, 'Correct the user and the password.'],
  [
    /^ERR_INVALID_URL$/,
    'Write what is neither a letter nor a digit in the password as URLs do: # as %23, / as %2F, ? as %3F, % as %25.',
  ],
  [/^3D000$/, 'Make the database: create database winnow owner winnow.'],
  [/^42501$/, 'Let the role own the database: alter database winnow owner to winnow.'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'Name the server as its certificate does.'],
  [/^CERT_HAS_EXPIRED$/, 'Give the server a new certificate.'],
  [
    /unsupported startup parameter/,
    'Take the options out of DATABASE_URL that the pooler does not know.',
  ],
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/,
    'Name the file of its certificate authority: sslmode=verify-full&sslrootcert=FILE.',
  ],
  [
    /does not support SSL/,
    'Let it speak TLS, or write sslmode=disable on a network that you trust.',
  ],
];

/** @returns the reason in the server's words, and what to do */
export function describeServerTrouble(error: Error): string {
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const [, advice] =
    ADVICE.find(([refused]) => refused.test(code) || refused.test(error.message)) ?? [];
  return advice ? `${error.message}. ${advice}` : error.message;
}
