using Broadcast.Benchmarks;

// dotnet run -c Release --project tests/Broadcast.Benchmarks -- <name> [seconds per row]
// Each benchmark prints CPU time per packet and takes a few seconds; none asserts anything.
var benchmarks = new Dictionary<string, Action<string[]>>
{
    ["udp"] = UdpSendBenchmark.Run,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var run))
{
    Console.WriteLine($"Benchmarks: {string.Join(", ", benchmarks.Keys)}");
    return 1;
}

run(args[1..]);
return 0;
