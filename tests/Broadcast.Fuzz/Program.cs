using Broadcast.Fuzz;
using SharpFuzz;

// broadcast-fuzz --list
// broadcast-fuzz TARGET --smoke N [--seed S]     seeded mutations, no instrumentation
// broadcast-fuzz TARGET --write-corpus DIR       the known inputs as files, for a fuzzer to start from
// broadcast-fuzz TARGET --file FILE              one input, as a fuzzer saved it
// broadcast-fuzz TARGET --afl                    under afl-fuzz
// broadcast-fuzz TARGET                          under libfuzzer-dotnet
// README.md says how to instrument for the last two.
if (args is ["--list"])
{
    foreach (var name in FuzzTargets.Names) Console.WriteLine(name);
    return 0;
}

if (args is not [var wanted, .. var rest] || FuzzTargets.Create(wanted) is not { } target)
{
    Console.Error.WriteLine($"Give a target: {string.Join(", ", FuzzTargets.Names)}.");
    return 2;
}

switch (rest)
{
    case []:
        Fuzzer.LibFuzzer.Run(input => target.Run(input));
        return 0;
    case ["--afl"]:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.ToArray());
        });
        return 0;
    case ["--file", var file]:
        Console.WriteLine(target.Run(File.ReadAllBytes(file)) ? "accepted" : "refused");
        return 0;
    case ["--write-corpus", var folder]:
        Directory.CreateDirectory(folder);
        for (var i = 0; i < target.Corpus.Count; i++) File.WriteAllBytes(Path.Combine(folder, $"{target.Name}-{i:d2}"), target.Corpus[i]);
        return 0;
    case ["--smoke", var count, .. var more] when int.TryParse(count, out var iterations) && (more is [] || (more is ["--seed", var given] && int.TryParse(given, out _))):
        return Smoke(target, iterations, more is ["--seed", var text] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 1);
    default:
        Console.Error.WriteLine("Wrong switches; see the head of Program.cs.");
        return 2;
}

static int Smoke(FuzzTarget target, int iterations, int seed)
{
    try
    {
        var outcome = SmokeRun.Go(target, iterations, seed);
        Console.WriteLine($"{target.Name}: {outcome.Accepted} accepted, {outcome.Refused} refused, nothing found");
        return 0;
    }
    catch (FuzzFindingException finding)
    {
        var file = $"{target.Name}-{seed}.crash";
        File.WriteAllBytes(file, finding.Input);
        Console.Error.WriteLine($"{finding.Message}\nSaved as {file}.\n{finding.InnerException}");
        return 1;
    }
}
