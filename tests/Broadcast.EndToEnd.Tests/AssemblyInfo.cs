// Browsers and encoders on two cores disturb each other; one test after the other gives each of them the machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
