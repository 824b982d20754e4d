/**
 * The images of a session by their numbers, the oldest first. It is bounded: the oldest are dropped.
 */
import * as ImageCells from "./ImageCells.ts"
import type { Image, Picture } from "./Image.ts"
import { MAX_KEPT } from "./Image.ts"

/** The kept images. Mutable. */
export interface ImageStore {
  readonly images: Map<number, Image>
  /** The number of each image by what it shows. */
  readonly numbers: Map<string, number>
  last: number
  /** Bytes of the pictures that the images show. */
  bytes: number
  /** How many images show each picture. */
  readonly uses: Map<Picture, number>
}

/** Maximum number of kept images. */
export const MAX_IMAGES = 4096

export const make = (): ImageStore => ({ images: new Map(), numbers: new Map(), last: 0, bytes: 0, uses: new Map() })

/**
 * Keeps an image, and returns its number, which is that of an image with the same `content` and the same cells if one is kept.
 * A number is used again only after 65,534 others.
 */
export const add = (store: ImageStore, content: string, image: Image): number => {
  const { cell, columns, rows, source } = image
  const key = [
    content,
    columns,
    rows,
    cell?.width,
    cell?.height,
    source.x,
    source.y,
    source.width,
    source.height
  ].join()
  const known = store.numbers.get(key)
  if (known !== undefined && store.images.has(known)) return known
  const number = (store.last % ImageCells.MAX_ID) + 1
  store.last = number
  set(store, number, image)
  store.numbers.set(key, number)
  for (const [old, id] of store.numbers) {
    if (store.images.has(id) && store.numbers.size <= MAX_IMAGES) break
    store.numbers.delete(old)
  }
  return number
}

/** Keeps an image under a number, in place of the one before. */
export const set = (store: ImageStore, number: number, image: Image): void => {
  remove(store, number)
  store.images.set(number, image)
  const uses = store.uses.get(image.picture) ?? 0
  store.uses.set(image.picture, uses + 1)
  if (uses === 0) store.bytes += image.picture.png.length
  for (const old of store.images.keys()) {
    if (old === number || (store.bytes <= MAX_KEPT && store.images.size <= MAX_IMAGES)) break
    remove(store, old)
  }
}

const remove = (store: ImageStore, number: number): void => {
  const image = store.images.get(number)
  if (image === undefined) return
  store.images.delete(number)
  const uses = (store.uses.get(image.picture) ?? 1) - 1
  if (uses > 0) store.uses.set(image.picture, uses)
  else {
    store.uses.delete(image.picture)
    store.bytes -= image.picture.png.length
  }
}
