using Broadcast.Client.Signalling;
using Broadcast.LoadTest.Flood;
using Broadcast.LoadTest.Options;
using Broadcast.LoadTest.Report;
using Broadcast.LoadTest.Rest;
using Broadcast.LoadTest.Run;

const int Passed = 0, Failed = 1, WrongSwitches = 2, CannotRun = 3;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(args is ["rest", ..] ? RestOptions.Help : CommandLine.Help);
    return Passed;
}

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // leave in good order first
    interrupt.Cancel();
};

try
{
    if (args is ["rest", ..])
    {
        var questions = RestOptions.Parse(args.AsSpan(1));
        using var asking = new RestRun(questions);
        var answers = await asking.RunAsync(interrupt.Token);
        foreach (var each in answers) Console.WriteLine(each);
        return answers.All(each => each.Failed == 0 && (questions.Limit is not { } limit || each.Percentile(0.99) <= limit)) ? Passed : Failed;
    }

    if (args is ["flood", ..])
    {
        Console.WriteLine(await new FloodRun(FloodOptions.Parse(args.AsSpan(1))).RunAsync(interrupt.Token));
        return Passed;
    }

    var options = CommandLine.Parse(args);
    await using var run = new LoadRun(options, Console.Out);
    var result = await run.RunAsync(interrupt.Token);
    Console.WriteLine(Summary.Of(result));
    if (options.JsonPath is not null) await File.WriteAllTextAsync(options.JsonPath, result.ToJson(), interrupt.Token);
    if (options.TablePath is not null) MarkdownRow.AppendTo(options.TablePath, options.Label ?? options.Server.Authority, result);
    return result.Passed ? Passed : Failed;
}
catch (FormatException wrong)
{
    Console.Error.WriteLine(wrong.Message);
    return WrongSwitches;
}
catch (Exception failure) when (failure is SignallingException or HttpRequestException or InvalidOperationException or InvalidDataException or IOException or OperationCanceledException)
{
    Console.Error.WriteLine(failure is OperationCanceledException ? "Interrupted." : failure.Message);
    return CannotRun;
}
