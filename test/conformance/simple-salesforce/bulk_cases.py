import csv
import io
import os

from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding

from cases import case, check, equal

WAIT = 0.05


def ids_like(context, pattern):
    found = context.salesforce.query_all(
        f"SELECT Id FROM Contact WHERE LastName LIKE '{pattern}' ORDER BY LastName"
    )
    return [record["Id"] for record in found["records"]]


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def only(results):
    equal(len(results), 1)
    return results[0]


@case("bulk2", "insert, with values of all kinds")
def insert(context):
    records = [
        {"LastName": f"Bulk {n:03}", "Description": 'ä, "b"; c|d', "Email": f"b{n}@example.com"}
        for n in range(300)
    ]
    result = only(context.salesforce.bulk2.Contact.insert(records=records, wait=WAIT))
    equal(
        (result["numberRecordsTotal"], result["numberRecordsProcessed"],
         result["numberRecordsFailed"]),
        (300, 300, 0),
    )
    # Read without a charset, the client takes the results for Latin-1.
    successful = rows(
        context.salesforce.bulk2.Contact.get_successful_records(result["job_id"])
    )
    equal(len(successful), 300)
    equal(successful[0]["Description"], 'ä, "b"; c|d')
    equal(successful[0]["sf__Created"], "true")


@case("bulk2", "insert in several jobs at once")
def insert_batches(context):
    records = [{"LastName": f"Batch {n}"} for n in range(10)]
    results = context.salesforce.bulk2.Contact.insert(
        records=records, batch_size=4, concurrency=3, wait=WAIT
    )
    equal(sum(result["numberRecordsProcessed"] for result in results), 10)
    equal(len(ids_like(context, "Batch %")), 10)


@case("bulk2", "insert from a file with another delimiter and CRLF")
def insert_file(context):
    path = os.path.join(context.folder, "contacts.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("LastName;FirstName\r\nFile 1;A\r\nFile 2;B\r\n")
    result = only(
        context.salesforce.bulk2.Contact.insert(
            csv_file=path,
            column_delimiter=ColumnDelimiter.SEMICOLON,
            line_ending=LineEnding.CRLF,
            wait=WAIT,
        )
    )
    equal((result["numberRecordsProcessed"], result["numberRecordsFailed"]), (2, 0))


@case("bulk2", "rows that fail")
def failed(context):
    records = [{"LastName": "Right", "Email": ""}, {"LastName": "Wrong", "Email": "no address"}]
    contacts = context.salesforce.bulk2.Contact
    result = only(contacts.insert(records=records, wait=WAIT))
    equal((result["numberRecordsProcessed"], result["numberRecordsFailed"]), (2, 1))
    found = only(rows(contacts.get_failed_records(result["job_id"])))
    check(found["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:"), found)
    equal(found["LastName"], "Wrong")
    everything = contacts.get_all_ingest_records(result["job_id"])
    equal(
        [len(everything[key]) for key in
         ("successfulRecords", "failedRecords", "unprocessedRecords")],
        [1, 1, 0],
    )


@case("bulk2", "results into a file")
def results_file(context):
    contacts = context.salesforce.bulk2.Contact
    result = only(contacts.insert(records=[{"LastName": "Saved"}], wait=WAIT))
    path = os.path.join(context.folder, "saved.csv")
    contacts.get_successful_records(result["job_id"], file=path)
    with open(path, encoding="utf-8") as file:
        check("Saved" in file.read(), "the row is in the file")


@case("bulk2", "update")
def update(context):
    ids = ids_like(context, "Bulk 0%")
    records = [{"Id": id, "Title": "Changed"} for id in ids]
    result = only(context.salesforce.bulk2.Contact.update(records=records, wait=WAIT))
    equal((result["numberRecordsProcessed"], result["numberRecordsFailed"]), (100, 0))
    found = context.salesforce.query("SELECT COUNT() FROM Contact WHERE Title = 'Changed'")
    equal(found["totalSize"], 100)


@case("bulk2", "upsert")
def upsert(context):
    def records(name):
        return [{"External_Id__c": f"bulk-{n}", "LastName": f"{name} {n}"} for n in range(3)]

    contacts = context.salesforce.bulk2.Contact
    for name in ("Upsert", "Again"):
        result = only(
            contacts.upsert(records=records(name), external_id_field="External_Id__c", wait=WAIT)
        )
        equal((result["numberRecordsProcessed"], result["numberRecordsFailed"]), (3, 0))
    equal((len(ids_like(context, "Upsert %")), len(ids_like(context, "Again %"))), (0, 3))


@case("bulk2", "query in pages")
def query(context):
    pages = list(
        context.salesforce.bulk2.Contact.query(
            "SELECT Id, LastName, Description FROM Contact WHERE LastName LIKE 'Bulk %'",
            max_records=120,
            wait=WAIT,
        )
    )
    equal(len(pages), 3)
    found = [row for page in pages for row in rows(page)]
    equal(len({row["Id"] for row in found}), 300)
    equal(found[0]["Description"], 'ä, "b"; c|d')


@case("bulk2", "download")
def download(context):
    results = context.salesforce.bulk2.BigTable__c.download(
        "SELECT Id, Name FROM BigTable__c", context.folder, max_records=4000, wait=WAIT
    )
    equal(sum(result["number_of_records"] for result in results), 7000)
    with open(results[0]["file"], encoding="utf-8", newline="") as file:
        equal(len(list(csv.DictReader(file))), 4000)


@case("bulk2", "delete and query_all")
def delete(context):
    contacts = context.salesforce.bulk2.Contact
    records = [{"Id": id} for id in ids_like(context, "Batch %")]
    result = only(contacts.delete(records=records, wait=WAIT))
    equal((result["numberRecordsProcessed"], result["numberRecordsFailed"]), (10, 0))
    soql = "SELECT Id, IsDeleted FROM Contact WHERE LastName LIKE 'Batch %'"
    live = [row for page in contacts.query(soql, wait=WAIT) for row in rows(page)]
    equal(len(live), 0)
    everything = [row for page in contacts.query_all(soql, wait=WAIT) for row in rows(page)]
    equal([row["IsDeleted"] for row in everything], ["true"] * 10)


@case("bulk2", "hard_delete")
def hard_delete(context):
    contacts = context.salesforce.bulk2.Contact
    records = [{"Id": id} for id in ids_like(context, "File %")]
    result = only(contacts.hard_delete(records=records, wait=WAIT))
    equal((result["numberRecordsProcessed"], result["numberRecordsFailed"]), (2, 0))
    soql = "SELECT Id FROM Contact WHERE LastName LIKE 'File %'"
    equal(context.salesforce.query(soql, include_deleted=True)["totalSize"], 0)
