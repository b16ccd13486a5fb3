using BenchmarkDotNet.Running;
using Broadcast.Benchmarks;
using Broadcast.Benchmarks.Dtls;
using Broadcast.Benchmarks.Srtp;
using Broadcast.Benchmarks.Trees;

// dotnet run -c Release --project tests/Broadcast.Benchmarks -- <name> [its arguments]
// dotnet run -c Release --project tests/Broadcast.Benchmarks -- --quick            srtp, then dtls
// dotnet run -c Release --project tests/Broadcast.Benchmarks -- --filter '*Srtp*'  BenchmarkDotNet, minutes
// Each named benchmark prints CPU time and takes a few seconds; none asserts anything.
var benchmarks = new Dictionary<string, Action<string[]>>
{
    ["dtls"] = _ => DtlsQuick.Run(),
    ["srtp"] = _ => SrtpQuick.Run(),
    ["trees"] = _ => TreesQuick.Run(),
    ["udp"] = UdpSendBenchmark.Run,
};

switch (args)
{
    case ["--quick"]:
        SrtpQuick.Run();
        DtlsQuick.Run();
        return 0;
    case ["--filter" or "--list", ..]:
        BenchmarkSwitcher.FromAssembly(typeof(Quick).Assembly).Run(args);
        return 0;
    case [var name, .. var rest] when benchmarks.TryGetValue(name, out var run):
        run(rest);
        return 0;
    default:
        Console.WriteLine($"Benchmarks: {string.Join(", ", benchmarks.Keys)}");
        return 1;
}
