import { type FormEvent, useCallback, useMemo, useRef, useState } from 'react';
import type { LiveView } from '../../slack/live-protocol.ts';
import { Blocks } from './blocks/blocks.tsx';
import { type Form, ViewHostProvider } from './blocks/host.tsx';
import { findMissing, keepKnown, listOf, type Values, wordsOf } from './blocks/values.ts';
import { Dialog } from './dialog.tsx';
import { useLive } from './live-context.ts';
import { useAct } from './notices.tsx';

/** Shows the topmost open modal; the ones beneath keep their input. */
export function Modals() {
  const views = useLive((state) => state.views);
  const drafts = useRef(new Map<string, Values>());
  const top = views.at(-1);
  if (!top) return null;
  return <Modal key={top.id} view={top} isPushed={views.length > 1} drafts={drafts.current} />;
}

function Modal({
  view,
  isPushed,
  drafts,
}: {
  view: LiveView;
  isPushed: boolean;
  drafts: Map<string, Values>;
}) {
  const act = useAct();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<Values>(() => drafts.get(view.id) ?? {});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const blocks = useMemo(() => listOf(view.view.blocks), [view.view]);
  const { id: viewId } = view;

  const set = useCallback<Form['set']>(
    (blockId, actionId, value) => {
      setValues((before) => {
        const next = { ...before, [blockId]: { ...before[blockId], [actionId]: value } };
        drafts.set(viewId, next);
        return next;
      });
      setErrors(({ [blockId]: _gone, ...rest }) => rest);
    },
    [drafts, viewId],
  );
  // An update may have removed inputs; only those still in the view are sent.
  const known = useMemo(() => keepKnown(values, blocks), [values, blocks]);

  const showErrors = (wrong: Record<string, string>) => {
    setErrors(wrong);
    const first = blocks.find((block) => wrong[String(block.block_id)])?.block_id;
    requestAnimationFrame(() =>
      form.current
        ?.querySelector<HTMLElement>(
          `[data-block="${CSS.escape(String(first))}"] :is(input, textarea, select, button)`,
        )
        ?.focus(),
    );
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const missing = findMissing(blocks, known);
    if (Object.keys(missing).length > 0) return showErrors(missing);
    setBusy(true);
    const answer = await act({ kind: 'submit-view', viewId, values: known });
    setBusy(false);
    if (answer.fieldErrors) showErrors(answer.fieldErrors);
  };
  const close = (all: boolean) => void act({ kind: 'close-view', viewId, all });

  const { title, submit: submitText, close: closeText } = view.view;
  return (
    <Dialog title={wordsOf(title)} onCancel={() => close(false)} className="modal">
      <button
        type="button"
        className="icon-button dialog-close"
        aria-label={isPushed ? 'Close all' : 'Close'}
        onClick={() => close(true)}
      >
        ✕
      </button>
      <ViewHostProvider viewId={viewId} form={{ values: known, set, errors }}>
        <form ref={form} className="modal-form" noValidate onSubmit={submit}>
          <div className="dialog-body blocks">
            <Blocks blocks={blocks} />
          </div>
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => close(false)}>
              {wordsOf(closeText) || (isPushed ? 'Back' : submitText ? 'Cancel' : 'Close')}
            </button>
            {submitText ? (
              <button type="submit" className="button primary filled" disabled={isBusy}>
                {wordsOf(submitText)}
              </button>
            ) : null}
          </div>
        </form>
      </ViewHostProvider>
    </Dialog>
  );
}
