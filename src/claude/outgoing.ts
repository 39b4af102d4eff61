import type Anthropic from '@anthropic-ai/sdk';
import type { APIPromise, ClientOptions } from '@anthropic-ai/sdk';
import { redactAndCut } from '../core/privacy/redact.ts';
import { cutMiddle } from '../core/text.ts';

/**
 * The border to Claude. What people have written crosses it only by `tag`, which replaces what is private:
 * the client, as this project sees it, takes no other text for the user's turn.
 */

declare const crossed: unique symbol;

/** Text that may go to Claude. */
export type Outgoing = string & { readonly [crossed]: true };

/** Whether private parts are replaced: the setting REDACT. */
export interface Privacy {
  redact: boolean;
}

/**
 * Puts a text into a tag. Escapes `<`, so that the text cannot close the tag. A long one loses its middle.
 */
export function tag(
  name: string,
  plain: string,
  { length, attribute = '', privacy }: { length: number; attribute?: string; privacy: Privacy },
): Outgoing {
  const cut = (privacy.redact ? redactAndCut : cutMiddle)(plain, length) || '(no text)';
  return `<${name}${attribute}>\n${cut.replace(/</g, '&lt;')}\n</${name}>` as Outgoing;
}

/** One after the other. */
export const joinTags = (tags: Outgoing[]): Outgoing => tags.join('\n') as Outgoing;

type Params = Anthropic.Messages.MessageCreateParamsNonStreaming;

/** A request whose user's turn has crossed the border. */
export type OutgoingParams = Omit<Params, 'messages'> & {
  messages: { role: 'user'; content: Outgoing }[];
};

export interface BatchRequest {
  custom_id: string;
  params: OutgoingParams;
}

type Batches = Anthropic['messages']['batches'];

/** As much of the client as one message takes. */
export interface Messages {
  messages: {
    create(body: OutgoingParams, options?: Anthropic.RequestOptions): PromiseLike<unknown>;
  };
}

/** The client, as far as it is used. */
export interface Claude {
  withOptions(options: Partial<ClientOptions>): Claude;
  models: Pick<Anthropic['models'], 'retrieve'>;
  messages: {
    create(body: OutgoingParams, options?: Anthropic.RequestOptions): APIPromise<Anthropic.Message>;
    countTokens(
      body: Pick<OutgoingParams, 'model' | 'messages'>,
    ): APIPromise<Anthropic.Messages.MessageTokensCount>;
    batches: Pick<Batches, 'retrieve' | 'cancel' | 'list' | 'results' | 'delete'> & {
      create(body: { requests: BatchRequest[] }): ReturnType<Batches['create']>;
    };
  };
}
