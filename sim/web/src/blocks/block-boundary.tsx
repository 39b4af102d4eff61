import { Component, type ReactNode } from 'react';
import { UnknownBlock } from './unknown-block.tsx';
import type { Json } from './values.ts';

/** A block that cannot be drawn is shown as one that nobody knows, and takes nothing else with it. */
export class BlockBoundary extends Component<
  { block: Json; children: ReactNode },
  { failed: Json | undefined }
> {
  override state = { failed: undefined as Json | undefined };

  static getDerivedStateFromError(): null {
    return null;
  }

  override componentDidCatch(): void {
    this.setState({ failed: this.props.block });
  }

  override render(): ReactNode {
    const { block, children } = this.props;
    return this.state.failed === block ? <UnknownBlock block={block} /> : children;
  }
}
