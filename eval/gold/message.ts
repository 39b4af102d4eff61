/** A message that people have labelled. */
export interface LabelledMessage {
  /** By which the data names it. */
  id: string;
  channel: string;
  ts: string;
  /** Slack's text. */
  text: string;
  /** The last replies in its thread, oldest first. */
  replies: string[];
  /** The labels that are right, the main one first. */
  labels: string[];
  /** The label of the other thing that the message does, where that is labelled. */
  also?: string | null | undefined;
}

/** A labelled message with what its labels mean in the taxonomy. */
export interface GoldMessage extends LabelledMessage {
  /** The names of the classes that are right, the main one first. */
  right: string[];
  /** The category with which it is shown as an example. */
  category: string;
  /** The categories of which one is right for the other thing; none: that is not labelled. */
  second: string[];
}
