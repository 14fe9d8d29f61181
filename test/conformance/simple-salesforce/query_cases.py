from datetime import date

from simple_salesforce import format_soql
from simple_salesforce.exceptions import SalesforceMalformedRequest

from cases import case, check, equal, raises

SAMPLES = "Name LIKE 'Sample Account%'"


@case("query", "records with their attributes")
def query(context):
    found = context.salesforce.query(
        f"SELECT Id, Name FROM Account WHERE {SAMPLES} ORDER BY Name"
    )
    equal((found["totalSize"], found["done"], len(found["records"])), (12, True, 12))
    equal(found["records"][0]["attributes"]["type"], "Account")


@case("query", "query_more by address and by id")
def query_more(context):
    first = context.salesforce.query("SELECT Id FROM BigTable__c")
    equal((first["totalSize"], first["done"], len(first["records"])), (7000, False, 2000))
    by_address = context.salesforce.query_more(first["nextRecordsUrl"], True)
    by_id = context.salesforce.query_more(first["nextRecordsUrl"].rsplit("/", 1)[1])
    equal(len(by_address["records"]), 2000)
    equal(by_address["records"], by_id["records"])


@case("query", "query_all and query_all_iter")
def query_all(context):
    found = context.salesforce.query_all("SELECT Id FROM BigTable__c")
    equal((found["totalSize"], found["done"]), (7000, True))
    equal(len({record["Id"] for record in found["records"]}), 7000)
    lazy = context.salesforce.query_all_iter("SELECT Id FROM BigTable__c")
    equal(sum(1 for _ in lazy), 7000)


@case("query", "deleted records")
def include_deleted(context):
    made = context.salesforce.Account.create({"Name": "Deleted by Python"})
    context.salesforce.Account.delete(made["id"])
    soql = "SELECT Id, IsDeleted FROM Account WHERE Name = 'Deleted by Python'"
    equal(context.salesforce.query(soql)["totalSize"], 0)
    found = context.salesforce.query(soql, include_deleted=True)
    equal(found["records"][0]["IsDeleted"], True)


@case("query", "parents and children")
def relationships(context):
    parents = context.salesforce.query("SELECT LastName, Account.Name FROM Contact LIMIT 1")
    check(parents["records"][0]["Account"]["Name"].startswith("Sample"), parents)
    children = context.salesforce.query(
        f"SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE {SAMPLES} LIMIT 1"
    )
    equal(children["records"][0]["Contacts"]["totalSize"], 2)


@case("query", "aggregates")
def aggregates(context):
    found = context.salesforce.query(
        "SELECT StageName, COUNT(Id) number FROM Opportunity GROUP BY StageName"
    )
    equal(found["records"][0]["attributes"]["type"], "AggregateResult")
    equal(found["records"][0]["number"], 24)


@case("query", "values quoted by format_soql")
def formatted(context):
    name = "It's a \"quoted\" 100%_name\\"
    context.salesforce.Account.create({"Name": name})
    equal(
        context.salesforce.query(
            format_soql("SELECT Id FROM Account WHERE Name = {}", name)
        )["totalSize"],
        1,
    )
    equal(
        context.salesforce.query(
            format_soql("SELECT Id FROM Account WHERE Name LIKE '%{:like}%'", "100%_n")
        )["totalSize"],
        1,
    )
    equal(
        context.salesforce.query(
            format_soql(
                "SELECT Id FROM Opportunity WHERE CloseDate < {} AND StageName IN {}",
                date(2025, 1, 1),
                ["Prospecting", "Qualification"],
            )
        )["totalSize"],
        0,
    )


@case("query", "errors")
def errors(context):
    for soql, code in (
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
    ):
        error = raises(
            SalesforceMalformedRequest, lambda soql=soql: context.salesforce.query(soql)
        )
        equal(error.content[0]["errorCode"], code)


@case("query", "whether the org is a sandbox")
def is_sandbox(context):
    equal(context.salesforce.is_sandbox(), False)
