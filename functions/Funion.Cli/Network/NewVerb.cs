using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Models;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>
/// <c>funion network new FILE</c>: an unsigned document and its pin, FILE.authorities. With <c>--keys DIR</c> it makes every node's keys
/// there and an authority's; with <c>--descriptors DIR</c> it collects what nodes published, for the authorities named.
/// </summary>
static class NewVerb
{
    public static Command Create()
    {
        NewOptions options = new();
        Argument<string> file = new("FILE") { Description = "Where the document goes." };
        Option<string?> keys = new("--keys") { Description = "Make the keys of all nodes in this folder, or use those that are there." };
        Option<string?> descriptors = new("--descriptors") { Description = "Collect the nodes' signed descriptors (*.json) from this folder." };
        Option<string[]> authorities = new("--authority") { Description = "An authority's public key in hex; repeat." };
        Option<int> threshold = new("--threshold") { Description = "Signatures needed.", DefaultValueFactory = _ => 1 };
        Option<string?> previous = new("--previous") { Description = "The document before; what is not asked for otherwise is taken over." };
        Option<string[]> silent = new("--without-address") { Description = "A node whose address goes, by name; repeat. Otherwise one that had an address keeps one." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("new", "Make a network document.") { file, keys, descriptors, authorities, threshold, previous, silent, json };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(keys) is null == result.GetValue(descriptors) is null)
            {
                result.AddError("Give either --keys or --descriptors.");
            }
        });
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            return !options.Enclave.TryRead(parsed, output, out string? enclave, out ExitCode refused) ? (int)refused : Run(output, parsed.GetRequiredValue(file), new NewRequest(
                (before, nodes) => options.Read(parsed, before, nodes, enclave),
                parsed.GetValue(keys),
                parsed.GetValue(descriptors),
                parsed.GetValue(authorities) ?? [],
                parsed.GetValue(threshold),
                parsed.GetValue(previous),
                parsed.GetValue(silent) ?? []));
        });
        return command;
    }

    static int Run(Output output, string file, NewRequest request)
    {
        try
        {
            if (!request.TryMake(TimeProvider.System.GetUtcNow(), out NetworkDocument? document, out string error))
            {
                return output.Error(ExitCode.Failed, error, request.Hint);
            }

            AtomicFile.Write(file, NetworkAuthority.Unsigned(document).ToBytes());
            TrustedAuthorities pin = new(document.Name, document.Authorities.Threshold, document.Authorities.Keys);
            AtomicFile.Write(file + ".authorities", pin.ToBytes());
            if (document.Models.Count == 0)
            {
                output.Note("no model: nobody can ask this network anything. Give --bucket, such as --bucket 60s");
            }
            output.Data($"{file}: {document.Name}, version {document.Version}, {document.Nodes.Count} nodes, unsigned, to be replaced before {document.ValidUntil:u}");
            output.Data(new JsonObject
            {
                ["network"] = file,
                ["authorities"] = file + ".authorities",
                ["version"] = document.Version,
                ["valid_until"] = document.ValidUntil.ToUnixTimeSeconds(),
                ["hash"] = Convert.ToHexStringLower(document.Hash()),
            });
            return (int)ExitCode.Ok;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or ModelException or InvalidOperationException)
        {
            return output.Error(ExitCode.Failed, failed.Message);
        }
    }
}
