using Funion.Cli.Commands;
using Funion.Cli.Console;

using Interruption interruption = new();
return await Invocation.RunAsync(FunionRoot.Create(), args, Console.Out, Console.Error, interruption.Token);
