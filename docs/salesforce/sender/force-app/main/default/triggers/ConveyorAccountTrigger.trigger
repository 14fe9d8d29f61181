/** For another object copy this file and its .trigger-meta.xml, with the object's name in place of Account. */
trigger ConveyorAccountTrigger on Account(after insert, after update, after delete, after undelete) {
    // With run(new Set<String>{ 'Name', 'Industry' }) the values of these fields leave the org too.
    ConveyorTriggerHandler.run();
}
