/** A record type as describe needs it. */
export interface DescribedRecordType {
  readonly id: string
  readonly name: string
  readonly developerName: string
  readonly active: boolean
}

/** The id that every org gives the master record type. */
const MASTER: DescribedRecordType = {
  id: '012000000000000AAA',
  name: 'Master',
  developerName: 'Master',
  active: true,
}

/** The `recordTypeInfos` of a describe: the first own type is the default, else the master. */
export function recordTypeInfos(own: readonly DescribedRecordType[], root: string): object[] {
  const standard = own.find((type) => type.active) ?? MASTER
  return [...own, MASTER].map((type) => ({
    active: type.active,
    available: type.active,
    defaultRecordTypeMapping: type === standard,
    developerName: type.developerName,
    master: type === MASTER,
    name: type.name,
    recordTypeId: type.id,
    urls: { layout: `${root}/describe/layouts/${type.id}` },
  }))
}
