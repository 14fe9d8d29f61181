/** A record type as describe needs it. */
export interface DescribedRecordType {
  readonly id: string
  readonly name: string
  readonly developerName: string
  readonly active: boolean
}

/** What every object has before a record type is made for it; its id is the same in every org. */
export const MASTER_RECORD_TYPE: DescribedRecordType = {
  id: '012000000000000AAA',
  name: 'Master',
  developerName: 'Master',
  active: true,
}

/** The `recordTypeInfos` of a describe: the first own type is the default, else the master. */
export function recordTypeInfos(own: readonly DescribedRecordType[], root: string): object[] {
  const standard = own.find((type) => type.active) ?? MASTER_RECORD_TYPE
  return [...own, MASTER_RECORD_TYPE].map((type) => ({
    active: type.active,
    available: type.active,
    defaultRecordTypeMapping: type === standard,
    developerName: type.developerName,
    master: type === MASTER_RECORD_TYPE,
    name: type.name,
    recordTypeId: type.id,
    urls: { layout: `${root}/describe/layouts/${type.id}` },
  }))
}
