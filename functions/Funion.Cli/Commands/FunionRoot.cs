using System.CommandLine;
using Funion.Cli.Benches;
using Funion.Cli.Network;

namespace Funion.Cli.Commands;

/// <summary>The tool's commands.</summary>
static class FunionRoot
{
    public static RootCommand Create() => new("Ask a neural network a question without anyone learning who asked.")
    {
        DemoCommand.Create(),
        UpCommand.Create(), Nodes.NodeCommand.Create(), Issuing.IssuerCommand.Create(),
        InferCommand.Create(), PrepareCommand.Create(),
        StreamCommands.Put(),
        StreamCommands.Get(),
        StreamCommands.Delete(),
        ServeCommand.Create(),
        ModelsCommand.Create(),
        StatusCommand.Create(),
        Verified.ProvidersCommand.Create(), Verified.PendingCommand.Create(),
        ModelCommand.Create(),
        AttestCommand.Create(),
        NetworkCommand.Create(),
        PlanCommand.Create(),
        BenchCommand.Create(),
        CompletionCommand.Create(),
    };
}
