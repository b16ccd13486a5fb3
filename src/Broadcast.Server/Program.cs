using System.Reflection;
using Broadcast.Server.Commands;
using Broadcast.Server.Options;

try
{
    if (args.Contains("--help") || args.Contains("-h") || args is ["help"])
    {
        Console.Write(HelpText.Write());
        return ExitCodes.Stopped;
    }

    if (args is ["--version"])
    {
        Console.WriteLine(Assembly.GetExecutingAssembly().GetName().Version?.ToString(3));
        return ExitCodes.Stopped;
    }

    if (args is ["token", ..])
        return TokenCommand.Run(args.AsSpan(1), Console.Out, Console.Error);
    if (args is ["tree", ..])
        return await TreeCommand.RunAsync(args.AsMemory(1), Console.Out, Console.Error);
    if (args is ["usage", ..])
        return UsageCommand.Run(args.AsSpan(1), Console.Out, Console.Error);
    if (args is ["config", ..])
        return ConfigCommand.Run(args.AsSpan(1), Console.Out, Console.Error);
    if (args is ["doctor", ..])
        return await DoctorCommand.RunAsync(args.AsMemory(1), Console.Out, Console.Error);
    if (CommandLine.TryParse(args, out var commandLine, out var error))
        return await ServeCommand.RunAsync(commandLine, Console.Out, Console.Error);
    Console.Error.WriteLine(error);
    return ExitCodes.WrongSwitches;
}
catch (InvalidDataException exception)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCodes.CannotStart;
}
