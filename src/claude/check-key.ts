import { checkModel } from './batches.ts';
import type { Claude } from './outgoing.ts';

/** What Claude says of a key that somebody wants to use. `unclear`: it could not be asked. */
export type KeyProblem = { kind: 'refused' | 'unclear'; reason: string };

/**
 * Checks a key with the model that it is for. Nothing is billed.
 * @param claude calls with the key
 * @returns undefined when it can be used
 */
export async function findKeyProblem(
  claude: Claude,
  model: string,
): Promise<KeyProblem | undefined> {
  const answer = await checkModel(claude, model);
  switch (answer.kind) {
    case 'ok':
      return undefined;
    case 'refused':
    case 'blocked':
      return { kind: 'refused', reason: answer.reason };
    case 'later':
    case 'unclear':
      return { kind: 'unclear', reason: answer.reason };
    default:
      return answer satisfies never;
  }
}
