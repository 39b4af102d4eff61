// The place of a block (message, view or Home tab), and what pressing its elements does there.
import { createContext, type ReactNode, use, useMemo, useState } from 'react';
import type { PressOrigin } from '../../../slack/live-protocol.ts';
import { useAct } from '../notices.tsx';
import { type Json, keepKnown, type Values } from './values.ts';

export interface Press {
  value?: string;
  selectedOption?: string | number;
  selectedOptions?: string[];
}

/** The inputs of a view: their values and errors. */
export interface Form {
  values: Values;
  set(blockId: string, actionId: string, value: unknown): void;
  errors: Readonly<Record<string, string>>;
}

export interface BlockHost {
  press(blockId: string, actionId: string, press: Press): Promise<void>;
  form?: Form;
  /** The app has not answered a press yet. */
  isBusy: boolean;
}

const HostContext = createContext<BlockHost>({ press: async () => {}, isBusy: false });

export function useBlockHost(): BlockHost {
  return use(HostContext);
}

function usePressing(origin: PressOrigin): Pick<BlockHost, 'press' | 'isBusy'> {
  const act = useAct();
  const [busy, setBusy] = useState(0);
  return {
    isBusy: busy > 0,
    async press(blockId, actionId, press) {
      setBusy((count) => count + 1);
      await act({ kind: 'press-element', origin, blockId, actionId, ...press });
      setBusy((count) => count - 1);
    },
  };
}

export function MessageHostProvider({
  origin,
  children,
}: {
  origin: PressOrigin;
  children: ReactNode;
}) {
  const host = usePressing(origin);
  return <HostContext value={host}>{children}</HostContext>;
}

/** A Home tab can have inputs; their values are sent with every press. */
export function HomeHostProvider({
  blocks,
  children,
}: {
  blocks: readonly Json[];
  children: ReactNode;
}) {
  const [values, setValues] = useState<Values>({});
  const known = useMemo(() => keepKnown(values, blocks), [values, blocks]);
  const host = usePressing(useMemo(() => ({ kind: 'home' as const, values: known }), [known]));
  const form: Form = {
    values: known,
    set: (blockId, actionId, value) =>
      setValues((before) => ({ ...before, [blockId]: { ...before[blockId], [actionId]: value } })),
    errors: {},
  };
  return <HostContext value={{ ...host, form }}>{children}</HostContext>;
}

export function ViewHostProvider({
  viewId,
  form,
  children,
}: {
  viewId: string;
  form: Form;
  children: ReactNode;
}) {
  const { values } = form;
  const origin = useMemo(() => ({ kind: 'view' as const, viewId, values }), [viewId, values]);
  const host = usePressing(origin);
  return <HostContext value={{ ...host, form }}>{children}</HostContext>;
}
