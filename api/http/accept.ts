import { ApiError } from '../errors.ts'

/** The offered type that the caller likes best, the first one where it has no wish. @throws {ApiError} `not_acceptable` */
export function chooseType<T extends string>(accept: string | undefined, offered: readonly T[]): T {
  const wishes = (accept ?? '*/*').split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return { range, q: q === undefined ? 1 : Number(q) || 0 }
  })
  let best: { type: T; q: number } | null = null
  for (const type of offered) {
    const ranges = [type, `${type.split('/')[0]}/*`, '*/*']
    const wish = ranges
      .map((range) => wishes.find((each) => each.range === range))
      .find((each) => each !== undefined)
    if (wish !== undefined && wish.q > (best?.q ?? 0)) best = { type, q: wish.q }
  }
  if (best === null) {
    throw new ApiError('not_acceptable', `Only ${offered.join(' and ')} can be had here.`)
  }
  return best.type
}
