from datetime import datetime, timedelta, timezone

from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from cases import case, check, equal, raises


def window():
    now = datetime.now(timezone.utc)
    return now - timedelta(minutes=5), now + timedelta(minutes=5)


@case("describe", "all objects")
def describe_global(context):
    found = context.salesforce.describe()
    equal(found["encoding"], "UTF-8")
    equal(found["maxBatchSize"], 200)
    names = [entry["name"] for entry in found["sobjects"]]
    check("Account" in names and "BigTable__c" in names, names)


@case("describe", "one object and its metadata")
def describe_object(context):
    account = context.salesforce.Account.describe()
    equal(account["name"], "Account")
    check(len(account["fields"][0]) >= 50, sorted(account["fields"][0]))
    equal(context.salesforce.Account.metadata()["objectDescribe"]["name"], "Account")


@case("describe", "an object that is not there")
def describe_unknown(context):
    error = raises(SalesforceResourceNotFound, context.salesforce.Nothing__c.describe)
    equal(error.content[0]["errorCode"], "NOT_FOUND")


@case("describe", "the layout of a record type")
def describe_layout(context):
    layout = context.salesforce.Account.describe_layout("012000000000000AAA")
    check("detailLayoutSections" in layout, sorted(layout))


@case("records", "create, get, update, delete")
def life_of_a_record(context):
    accounts = context.salesforce.Account
    made = accounts.create({"Name": "Python", "NumberOfEmployees": 7, "Industry": None})
    check(made["success"] is True and made["errors"] == [], made)
    record = accounts.get(made["id"])
    equal(record["attributes"]["type"], "Account")
    equal(record["NumberOfEmployees"], 7)
    equal(accounts.update(made["id"], {"Name": "Python 2"}), 204)
    equal(accounts.get(made["id"][:15])["Name"], "Python 2")
    equal(accounts.get(made["id"], params={"fields": "Name"}).get("Phone", "-"), "-")
    equal(accounts.delete(made["id"]), 204)
    error = raises(SalesforceResourceNotFound, lambda: accounts.get(made["id"]))
    equal(error.content[0]["errorCode"], "ENTITY_IS_DELETED")


@case("records", "raw responses")
def raw_response(context):
    accounts = context.salesforce.Account
    made = accounts.create({"Name": "Raw"})
    answer = accounts.update(made["id"], {"Name": "Raw 2"}, raw_response=True)
    equal((answer.status_code, answer.content), (204, b""))
    equal(accounts.delete(made["id"], raw_response=True).status_code, 204)


@case("records", "errors of a create")
def create_errors(context):
    accounts = context.salesforce.Account
    missing = raises(SalesforceMalformedRequest, lambda: accounts.create({"Phone": "1"}))
    equal(missing.content[0]["errorCode"], "REQUIRED_FIELD_MISSING")
    equal(missing.content[0]["fields"], ["Name"])
    unknown = raises(SalesforceMalformedRequest, lambda: accounts.create({"Nope": 1}))
    equal(unknown.content[0]["errorCode"], "INVALID_FIELD")


@case("records", "upsert by an external id")
def upsert(context):
    accounts = context.salesforce.Account
    key = "External_Id__c/python-1"
    equal(accounts.upsert(key, {"Name": "Upserted"}), 201)
    check(accounts.upsert(key, {"Name": "Upserted again"}) in (200, 204), "changed")
    found = accounts.get_by_custom_id("External_Id__c", "python-1")
    equal(found["Name"], "Upserted again")


@case("records", "an external id with several matches")
def several_matches(context):
    table = context.salesforce.UpsertTable__c
    for name in ("One", "Two"):
        table.create({"Name": name, "ExtId__c": "twice"})
    error = raises(
        SalesforceMoreThanOneRecord,
        lambda: table.upsert("ExtId__c/twice", {"Name": "Three"}),
    )
    equal(len(error.content), 2)


@case("records", "updated and deleted in a time")
def replication(context):
    accounts = context.salesforce.Account
    kept = accounts.create({"Name": "Kept"})["id"]
    gone = accounts.create({"Name": "Gone"})["id"]
    accounts.delete(gone)
    updated = accounts.updated(*window())
    check(kept in updated["ids"], updated)
    check("latestDateCovered" in updated, updated)
    deleted = accounts.deleted(*window())
    check(gone in [record["id"] for record in deleted["deletedRecords"]], deleted)
    check("earliestDateAvailable" in deleted, deleted)


@case("restful", "limits and usage")
def limits(context):
    found = context.salesforce.limits()
    check(found["DailyApiRequests"]["Max"] >= found["DailyApiRequests"]["Remaining"], found)
    check(context.salesforce.api_usage["api-usage"].used > 0, context.salesforce.api_usage)


@case("restful", "recent records")
def recent(context):
    context.salesforce.query("SELECT Id, Name FROM Account LIMIT 1 FOR VIEW")
    records = context.salesforce.restful("recent", params={"limit": 2})
    check(all("Id" in record and "attributes" in record for record in records), records)


@case("restful", "collections")
def collections(context):
    records = [
        {"attributes": {"type": "Account"}, "Name": f"Collected {n}"} for n in range(3)
    ]
    made = context.salesforce.restful(
        "composite/sobjects", method="POST", json={"allOrNone": False, "records": records}
    )
    equal([result["success"] for result in made], [True, True, True])
    ids = ",".join(result["id"] for result in made)
    deleted = context.salesforce.restful(
        "composite/sobjects", method="DELETE", params={"ids": ids}
    )
    equal(len(deleted), 3)


@case("restful", "composite")
def composite(context):
    root = f"/services/data/v{context.salesforce.sf_version}/sobjects"
    requests = [
        {"method": "POST", "url": f"{root}/Account", "referenceId": "account",
         "body": {"Name": "Composite"}},
        {"method": "POST", "url": f"{root}/Contact", "referenceId": "contact",
         "body": {"LastName": "Composite", "AccountId": "@{account.id}"}},
        {"method": "GET", "url": f"{root}/Contact/@{{contact.id}}", "referenceId": "read"},
    ]
    answer = context.salesforce.restful(
        "composite", method="POST", json={"allOrNone": True, "compositeRequest": requests}
    )["compositeResponse"]
    equal([part["httpStatusCode"] for part in answer], [201, 201, 200])
    equal(answer[2]["body"]["AccountId"], answer[0]["body"]["id"])


@case("restful", "batch")
def batch(context):
    version = f"v{context.salesforce.sf_version}"
    requests = [
        {"method": "GET", "url": f"{version}/limits"},
        {"method": "GET", "url": f"{version}/sobjects/Nothing__c/describe"},
    ]
    answer = context.salesforce.restful(
        "composite/batch", method="POST", json={"batchRequests": requests}
    )
    equal(answer["hasErrors"], True)
    equal([part["statusCode"] for part in answer["results"]], [200, 404])
