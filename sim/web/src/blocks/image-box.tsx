import { Link } from '../entities.tsx';
import { type Json, textOf, wordsOf } from './values.ts';

/** An image as its alt text: the page loads nothing from other hosts. A click opens it in a new tab. */
export function ImageBox({ image, isSmall = false }: { image: Json; isSmall?: boolean }) {
  const words = textOf(image.alt_text) || 'Image';
  const title = wordsOf(image.title);
  const url = textOf(image.image_url);
  const label = (
    <>
      <span aria-hidden="true">🖼 </span>
      {words}
    </>
  );
  if (isSmall)
    return (
      <span className="image-small" role="img" aria-label={words} title={words}>
        🖼
      </span>
    );
  return (
    <figure className="image-box">
      {title === '' ? null : <figcaption>{title}</figcaption>}
      {url === '' ? <span>{label}</span> : <Link url={url}>{label}</Link>}
    </figure>
  );
}
