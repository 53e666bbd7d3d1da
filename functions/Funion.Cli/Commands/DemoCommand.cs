using System.CommandLine;
using System.Globalization;
using Funion.Cli.Console;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.Commands;

/// <summary><c>funion demo</c>: a network in this process, one question, and what each party saw.</summary>
static class DemoCommand
{
    const int Shades = 5;

    public static Command Create()
    {
        Command command = new("demo", "Start a network in this process, ask the sample model about a sample picture, show what each party saw.");
        command.SetAction((parsed, cancellation) =>
        {
            Output output = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, json: false)
            {
                IsTerminal = !System.Console.IsErrorRedirected,
            };
            return ClientErrors.RunAsync(output, TimeSpan.FromMinutes(4), token => RunAsync(output, token), cancellation);
        });
        return command;
    }

    static async Task<int> RunAsync(Output output, CancellationToken cancellation)
    {
        LocalHostOptions options = new() { Listen = new Uri("http://127.0.0.1:0") };
        await using LocalHost host = await LocalHost.StartAsync(options, cancellation);
        NetworkDocument document = host.Signed.Document;
        output.Note($"a network of {document.Nodes.Count} nodes in this process: 1 gateway, 6 mixes in 3 layers, 2 couriers, 8 replicas, 1 compute");
        GreyPicture picture = Png.TryRead(DigitModel.SamplePicture(), out _)!;
        output.Data(Draw(picture));
        ModelEntry model = document.Model(DigitModel.Name)!;
        Tensor input = PictureInput.TryFit(picture, model.Inputs[0], out _)!;
        output.Note("asking \"digits\" what this is; the answer comes at a public boundary, every 5 s");
        await using FunionSession session = new(document);
        using ProgressLine line = new(output);
        string stage = "";
        InferenceAnswer answer = await session.Client.InferAsync(model.Name, [input], TimeSpan.FromSeconds(5), progress =>
        {
            line.Show(progress);
            if (progress.Stage != stage && !output.IsTerminal)
            {
                output.Note(progress.Stage);
            }
            stage = progress.Stage;
        }, null, cancellation);
        line.Dispose();
        string? label = answer.Tensors is { } tensors ? AnswerJson.Label(model, tensors) : null;
        IReadOnlyList<Tensor> direct = host.Models[DigitModel.Name].RunDirect([input]);
        if (label is null)
        {
            return output.Error(ExitCode.Failed, "The model gave no answer.");
        }
        double difference = answer.Tensors![0].ToFloats().Zip(direct[0].ToFloats(), (left, right) => Math.Abs(left - right)).Max();
        output.Data($"\nThe answer: {label}");
        output.Data($"(the same scores as running the model directly, to {difference.ToString("0.0e0", CultureInfo.InvariantCulture)})\n");
        await ShowViewsAsync(output, host, session, cancellation);
        return label == AnswerJson.Label(model, direct) ? (int)ExitCode.Ok : output.Error(ExitCode.Failed, "The answer differs from the model's own.");
    }

    static async Task ShowViewsAsync(Output output, LocalHost host, FunionSession session, CancellationToken cancellation)
    {
        IReadOnlyCollection<LocalNode> nodes = host.Network.Nodes;
        LoopStatistics sent = session.Mixnet.Statistics;
        long Sum(NodeRole role, Func<HopCounters, long> count) => nodes.Where(node => node.Descriptor.Role == role).Sum(node => count(node.Counters));
        int boxes = 0;
        foreach (LocalNode replica in nodes.Where(node => node.Descriptor.Role == NodeRole.Replica))
        {
            await foreach (string _ in replica.Ports.Store.ListAsync(
                ReplicaRole.Shelf, host.Signed.Document.ReplicaEpochAt(DateTimeOffset.UtcNow), "", cancellation))
            {
                boxes++;
            }
        }
        ComputeCounters compute = host.Network.Compute.Counters;
        output.Data("What each party saw");
        output.Data($"  you      sent {sent.PacketsSent} packets of one size, one per slot; {sent.PacketsSent - sent.LoopsSent} of them carried the question and its reads");
        output.Data($"  gateway  an address, and {Sum(NodeRole.Gateway, c => c.Forwarded)} equal packets of you and of compute; not where they go, nor which are real");
        output.Data($"  mixes    {Sum(NodeRole.Mix, c => c.Forwarded)} times a packet in and a packet out, later; not which is which");
        output.Data($"  couriers {Sum(NodeRole.Courier, c => c.Delivered)} requests, loops and sealed envelopes; not whose, not which box, not whether read or written");
        output.Data($"  replicas {boxes} boxes in pseudorandom places (with the second copies), each signed by nobody they know");
        output.Data($"  compute  {compute.Accepted} jobs, {compute.Dummies} of those that ran its own dummies; a picture of a digit, not who asked, not who reads");
    }

    static string Draw(GreyPicture picture) => string.Join('\n', Enumerable.Range(0, picture.Height / 2).Select(row => "  " + string.Concat(
        Enumerable.Range(0, picture.Width).Select(column => " .+#@"[(int)Math.Min(Shades - 1, Shades
            * Math.Max(picture.Values[(2 * row * picture.Width) + column], picture.Values[(((2 * row) + 1) * picture.Width) + column]))]))));
}
