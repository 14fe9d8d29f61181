import { makeId } from '../../../ids.ts'
import { ADMIN, ORG_CREATED, USER_ID, USERNAME } from '../../../org.ts'
import type { UserRow } from './rows.ts'

const at = new Date(ORG_CREATED).toISOString()

function user(
  n: number,
  FirstName: string,
  LastName: string,
  TimeZoneSidKey: string,
  IsActive = true,
): UserRow {
  const address = `user${n}@corpus.example`
  return {
    n,
    Id: makeId('005', n),
    IsDeleted: false,
    CreatedDate: at,
    CreatedById: USER_ID,
    LastModifiedDate: at,
    LastModifiedById: USER_ID,
    Username: address,
    FirstName,
    LastName,
    Name: `${FirstName} ${LastName}`,
    Email: address,
    Alias: `user${n}`,
    IsActive,
    TimeZoneSidKey,
    LocaleSidKey: 'en_US',
  }
}

/** The administrator, whom every org has without being told. */
export const administrator: UserRow = {
  ...user(ADMIN, 'Simulator', 'Admin', 'GMT'),
  Username: USERNAME,
  Email: USERNAME,
  Alias: 'admin',
}

export const users: readonly UserRow[] = [
  user(2, 'Ada', 'Lovelace', 'GMT'),
  user(3, 'Björn', 'Åkesson', 'America/Los_Angeles'),
  user(4, 'Chandra', 'Iyer', 'Asia/Kolkata'),
  user(5, 'Dolores', 'Peña', 'America/Los_Angeles', false),
  user(6, 'eve', "o'neil", 'Asia/Kolkata'),
]
