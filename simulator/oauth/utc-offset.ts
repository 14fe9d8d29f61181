/** The offset of a time zone's standard time in milliseconds, without daylight saving. */
export function standardOffset(timeZone: string, year = new Date().getUTCFullYear()): number {
  // In one of the two months the zone has its standard time, whichever half of the globe it is on.
  return Math.min(
    offsetAt(timeZone, Date.UTC(year, 0, 1)),
    offsetAt(timeZone, Date.UTC(year, 6, 1)),
  )
}

function offsetAt(timeZone: string, at: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? []
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? -ms : ms
}
