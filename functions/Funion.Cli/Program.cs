using Funion.Cli.Commands;
using Funion.Cli.Console;

return await Invocation.RunAsync(FunionRoot.Create(), args, Console.Out, Console.Error);
