import { z } from 'zod';
import type { Answer, Slack } from './client.ts';

/**
 * Publishes a person's Home tab; idempotent. Slack refuses it for good if the tab is turned off
 * (`not_enabled`) or the person does not exist.
 */
export const publishHome = (slack: Slack, user: string, view: object): Promise<Answer<unknown>> =>
  slack.call('views.publish', { user_id: user, view }, z.looseObject({}));
