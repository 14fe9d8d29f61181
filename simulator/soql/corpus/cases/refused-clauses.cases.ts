import { refusal, type SoqlCase } from '../expectation.ts'

const MALFORMED = 'MALFORMED_QUERY'
/** Where the documents say that it is an error, but not which. */
const EITHER = /^(MALFORMED_QUERY|INVALID_FIELD|INVALID_QUERY_FILTER_OPERATOR)$/
const ANY = /\S/

const groupings: readonly SoqlCase[] = [
  refusal(
    'SELECT Name, COUNT(Id) FROM Account',
    MALFORMED,
    /Field must be grouped or aggregated: Name/,
  ),
  refusal(
    'SELECT Name, COUNT(Id) FROM Account GROUP BY Industry',
    MALFORMED,
    /Field must be grouped or aggregated: Name/,
  ),
  refusal(
    'SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Industry, Type, Rating, Name)',
    MALFORMED,
    ANY,
    'SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Industry, Type, Rating)',
  ),
  refusal(
    'SELECT Industry, COUNT() FROM Account GROUP BY Industry',
    MALFORMED,
    ANY,
    'SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry',
  ),
  refusal(
    'SELECT Industry FROM Account HAVING COUNT(Id) > 1',
    MALFORMED,
    ANY,
    'SELECT Industry FROM Account GROUP BY Industry HAVING COUNT(Id) > 1',
  ),
  refusal(
    'SELECT Id FROM Account WHERE COUNT(Id) > 1',
    MALFORMED,
    ANY,
    'SELECT Name FROM Account GROUP BY Name HAVING COUNT(Id) > 1',
  ),
  refusal(
    'SELECT MAX(CreatedDate) FROM Account LIMIT 1',
    MALFORMED,
    ANY,
    'SELECT MAX(CreatedDate) FROM Account',
  ),
  refusal(
    'SELECT COUNT() FROM Account ORDER BY Name',
    MALFORMED,
    ANY,
    'SELECT COUNT() FROM Account',
  ),
  refusal(
    'SELECT CALENDAR_YEAR(CreatedDate), Name FROM Account',
    MALFORMED,
    ANY,
    'SELECT CALENDAR_YEAR(CreatedDate), Name FROM Account GROUP BY CALENDAR_YEAR(CreatedDate), Name',
  ),
  refusal(
    'SELECT convertTimezone(CreatedDate) FROM Account',
    EITHER,
    ANY,
    'SELECT DAY_ONLY(convertTimezone(CreatedDate)) FROM Account GROUP BY DAY_ONLY(convertTimezone(CreatedDate))',
  ),
  refusal(
    'SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = THIS_YEAR',
    EITHER,
    ANY,
    'SELECT Id FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2024',
  ),
  refusal(
    'SELECT HOUR_IN_DAY(CloseDate), COUNT(Id) FROM Opportunity GROUP BY HOUR_IN_DAY(CloseDate)',
    EITHER,
    ANY,
    'SELECT HOUR_IN_DAY(CreatedDate), COUNT(Id) FROM Opportunity GROUP BY HOUR_IN_DAY(CreatedDate)',
  ),
]

const groupedNames: readonly SoqlCase[] = [
  refusal(
    'SELECT Name n FROM Account',
    MALFORMED,
    /only aggregate expressions use field aliasing/,
    'SELECT Name n FROM Account GROUP BY Name',
  ),
  refusal(
    'SELECT Name, Account.Name FROM Contact GROUP BY Name, Account.Name',
    MALFORMED,
    /duplicate alias/,
    'SELECT Name, Account.Name a FROM Contact GROUP BY Name, Account.Name',
  ),
  refusal(
    "SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY LeadSource HAVING City LIKE 'San%'",
    MALFORMED,
    /must be grouped or aggregated: City/,
  ),
  refusal(
    'SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry ORDER BY Name',
    MALFORMED,
    /must be grouped or aggregated: Name/,
  ),
  refusal(
    'SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account',
    MALFORMED,
    ANY,
    'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
  ),
  refusal(
    'SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Industry), Type',
    MALFORMED,
    ANY,
    'SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(Industry, Type)',
  ),
  refusal(
    'SELECT Id FROM Account ORDER BY toLabel(Industry)',
    MALFORMED,
    ANY,
    'SELECT toLabel(Industry) FROM Account ORDER BY Industry',
  ),
  refusal(
    `SELECT OwnerId FROM Account GROUP BY OwnerId
      HAVING OwnerId IN (SELECT Id FROM User WHERE IsActive = true)`,
    MALFORMED,
    ANY,
    'SELECT OwnerId FROM Account WHERE OwnerId IN (SELECT Id FROM User) GROUP BY OwnerId',
  ),
]

const joins: readonly SoqlCase[] = [
  refusal(
    `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact
      WHERE AccountId IN (SELECT AccountId FROM Opportunity))`,
    MALFORMED,
    /nest/i,
  ),
  refusal(
    "SELECT Id FROM Account WHERE Name = 'a' OR Id IN (SELECT AccountId FROM Contact)",
    MALFORMED,
    /Semi join sub-selects are not allowed with the 'OR' operator/,
  ),
  refusal(
    `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND
      Id IN (SELECT AccountId FROM Opportunity) AND Id IN (SELECT Account__c FROM Custom_Object__c)`,
    MALFORMED,
    /Maximum 2 semi join sub-selects/i,
  ),
  refusal(
    "SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account WHERE Name = 'a')",
    EITHER,
    ANY,
    "SELECT Id FROM Account WHERE Parent.Name = 'a'",
  ),
  refusal(
    'SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)',
    EITHER,
    ANY,
    'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)',
  ),
  refusal(
    'SELECT Id FROM Contact WHERE Account.Id IN (SELECT AccountId FROM Opportunity)',
    EITHER,
    ANY,
    'SELECT Id FROM Contact WHERE AccountId IN (SELECT AccountId FROM Opportunity)',
  ),
  refusal(
    'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)',
    MALFORMED,
    ANY,
    'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)',
  ),
]

const polymorphic: readonly SoqlCase[] = [
  refusal(
    'SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Task)',
    MALFORMED,
    /Entity 'Task' is not supported for semi join inner selects/,
  ),
  refusal(
    'SELECT What.Industry FROM Task',
    'INVALID_FIELD',
    /No such column 'Industry' on entity 'Name'/,
    'SELECT What.Name FROM Task',
  ),
  refusal(
    'SELECT TYPEOF Owner WHEN User THEN Alias END FROM Account',
    EITHER,
    ANY,
    'SELECT TYPEOF Who WHEN Contact THEN Title END FROM Task',
  ),
  refusal(
    'SELECT TYPEOF What WHEN Account THEN Rating END, COUNT(Id) FROM Task GROUP BY WhatId',
    EITHER,
    ANY,
    'SELECT WhatId, COUNT(Id) FROM Task GROUP BY WhatId',
  ),
]

const clauses: readonly SoqlCase[] = [
  refusal(
    'SELECT Id FROM Account OFFSET 2001',
    'NUMBER_OUTSIDE_VALID_RANGE',
    /Maximum SOQL offset allowed is 2000/,
  ),
  refusal('SELECT FIELDS(ALL) FROM Account', MALFORMED, /must have a LIMIT of at most 200/),
  refusal(
    'SELECT FIELDS(ALL) FROM Account LIMIT 201',
    MALFORMED,
    /must have a LIMIT of at most 200/,
  ),
  refusal('SELECT FIELDS(CUSTOM) FROM Account', MALFORMED, /must have a LIMIT of at most 200/),
  refusal(
    'SELECT Id FROM Contact WHERE Account.Parent.Parent.Parent.Parent.Parent.Name = null',
    EITHER,
    ANY,
    'SELECT Id FROM Contact WHERE Account.Parent.Parent.Parent.Parent.Name = null',
  ),
]

const syntax: readonly SoqlCase[] = [
  refusal(
    'SELECT Id FROM Account WHERE Name = :name',
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE Name = ':name'",
  ),
  refusal(
    'SELECT Id FROM Account WHERE Rating = Hot',
    EITHER,
    ANY,
    "SELECT Id FROM Account WHERE Rating = 'Hot'",
  ),
  refusal(
    "SELECT Id FROM Account WHERE Name = 'open",
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE Name = 'open'",
  ),
  refusal(
    'SELECT Id FROM Account WHERE Name = "a"',
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE Name = 'a'",
  ),
  refusal(
    "SELECT Id FROM Account WHERE Name = 'a\\q'",
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE Name = 'a\\n'",
  ),
  refusal(
    "SELECT Id FROM Account WHERE Name = 'a' AND Site = 'b' OR Site = 'c'",
    MALFORMED,
    /unexpected token/,
    "SELECT Id FROM Account WHERE (Name = 'a' AND Site = 'b') OR Site = 'c'",
  ),
  refusal('SELECT FROM Account', MALFORMED, /unexpected token/),
  refusal('SELECT Id Account', MALFORMED, ANY, 'SELECT Id FROM Account'),
  refusal('SELECT * FROM Account', MALFORMED, /unexpected token/),
  refusal('SELECT Id, FROM Account', MALFORMED, /unexpected token/),
  refusal(
    "SELECT Id FROM Account WHERE (Name = 'a'",
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE (Name = 'a')",
  ),
  refusal('SELECT Id FROM Account WHERE', MALFORMED, /unexpected/),
  refusal('SELECT Id FROM Account LIMIT -1', MALFORMED, ANY, 'SELECT Id FROM Account LIMIT 1'),
  refusal('SELECT Id FROM Account LIMIT ten', MALFORMED, ANY, 'SELECT Id FROM Account LIMIT 10'),
  refusal(
    'SELECT Id FROM Account WHERE Name IN ()',
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE Name IN ('a')",
  ),
  refusal("UPDATE Account SET Name = 'a'", MALFORMED, /unexpected token/),
  refusal(
    "SELECT Id FROM Account WHERE Name == 'a'",
    MALFORMED,
    ANY,
    "SELECT Id FROM Account WHERE Name = 'a'",
  ),
]

/** Queries that are wrong as a whole. */
export const refusedClauses: readonly SoqlCase[] = [
  ...groupings,
  ...groupedNames,
  ...joins,
  ...polymorphic,
  ...clauses,
  ...syntax,
]
