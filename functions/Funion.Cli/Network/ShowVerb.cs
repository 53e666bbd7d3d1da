using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary><c>funion network show FILE</c>: what a document says. Believes nothing of it.</summary>
static class ShowVerb
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The network document." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("show", "Show what a network document says, unverified.") { file, json };
        command.SetAction(parsed => Run(parsed.Output(json), parsed.GetRequiredValue(file)));
        return command;
    }

    static int Run(Output output, string file)
    {
        if (!TrustStore.TryReadFile(file, out byte[]? bytes) || !SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? signed))
        {
            return output.Error(ExitCode.Failed, $"{file} is not a network document.");
        }

        output.Data(JsonNode.Parse(bytes)!);
        foreach (string line in Lines(signed))
        {
            output.Data(line);
        }

        return (int)ExitCode.Ok;
    }

    static IEnumerable<string> Lines(SignedNetworkDocument signed)
    {
        NetworkDocument document = signed.Document;
        Rates rates = document.Rates;
        yield return $"network   {document.Name}, version {document.Version}, epoch {document.Epoch}";
        yield return $"hash      {Convert.ToHexStringLower(document.Hash())}";
        yield return $"valid     {document.ValidAfter:u} to {document.ValidUntil:u}";
        yield return $"signed    {signed.Signatures.Count} signatures, {document.Authorities.Threshold} of {document.Authorities.Keys.Count} needed";
        yield return $"packets   {document.Geometry.UserPayload} B of user payload, {document.Geometry.Hops} hops, mean delay {rates.MeanDelayMilliseconds} ms";
        yield return $"rates     client {rates.ClientPerSecond}/s, loops {rates.ClientLoopPerSecond}/s, compute {rates.ComputePerSecond}/s";
        foreach (NodeDescriptor node in document.Nodes.OrderBy(node => node.Role).ThenBy(node => node.Layer).ThenBy(node => node.Index))
        {
            string place = node.Role == NodeRole.Mix ? $"mix {node.Layer}/{node.Index}" : $"{node.Role.ToString().ToLowerInvariant()} {node.Index}";
            yield return $"node      {place,-12} {node.Id} {node.Address}".TrimEnd();
        }

        foreach (ModelEntry model in document.Models)
        {
            string buckets = string.Join(", ", model.BucketsMilliseconds.Select(bucket => $"{bucket / 1000.0}s"));
            yield return $"model     {model.Name}, buckets {buckets}, batch {model.Batch}, {model.InputBoxes} + {model.OutputBoxes} boxes";
        }
    }
}
