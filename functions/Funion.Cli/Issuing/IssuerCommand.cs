using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Ingress;
using Funion.Cli.Network;
using Funion.Hosting;
using Funion.Hosting.Ingress;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tokens;

namespace Funion.Cli.Issuing;

/// <summary>
/// <c>funion issuer</c>: grants tokens to those it knows. A party of its own: it sees invitations and addresses, and is no node. Which batches it granted
/// lies in the storage account of <c>AzureWebJobsStorage</c>, or in memory, and then a client that asks again after a restart gets a second batch.
/// </summary>
static class IssuerCommand
{
    /// <summary>Keys turn once an epoch, and are made an epoch ahead.</summary>
    static readonly TimeSpan s_reread = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        Option<string> keys = new("--keys") { Description = "The issuer's keys, issuer.keys in the folder of: funion network new --keys DIR --tokens N --issuer URL.", Required = true };
        Option<string> list = new("--invitations") { Description = "Whom it knows: the list of: funion network invite.", Required = true };
        Option<int> batch = new("--tokens") { Description = "Tokens of a batch, as the network document says.", Required = true };
        Option<string> listen = new("--listen") { Description = "Where it listens.", DefaultValueFactory = _ => "127.0.0.1:8700" };
        Command command = new("issuer", "Grant tokens to the clients of a network that demands them.") { keys, list, batch, listen };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, json: true);
            if (!Uri.TryCreate("http://" + parsed.GetRequiredValue(listen), UriKind.Absolute, out Uri? address) || parsed.GetValue(batch) is < 1 or > TokenBatch.Most)
            {
                return output.Error(ExitCode.Usage, $"--listen takes an address such as 127.0.0.1:8700, --tokens a number up to {TokenBatch.Most}.");
            }
            try
            {
                return await RunAsync(output, parsed.GetRequiredValue(keys), parsed.GetRequiredValue(list), parsed.GetValue(batch), address, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return (int)ExitCode.Interrupted;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    static async Task<int> RunAsync(Output output, string file, string list, int batch, Uri address, CancellationToken cancellation)
    {
        KeyFileOutcome outcome = IssuerKeys.Load(file, out IssuerKeys? keys);
        if (keys is null)
        {
            return KeyFiles.Error(output, file, outcome);
        }
        string? account = Environment.GetEnvironmentVariable(AzureEnvironment.Connection);
        if (account is null)
        {
            output.Note($"what was granted is kept in memory; for an account set {AzureEnvironment.Connection}");
        }
        BoxStore store = account is null ? new MemoryBoxStore() : StorageAccount.Of(account).Store("issuer");
        InvitationList invitations = new(list);
        OneBatchBudget budget = new(store, batch, invitations.Knows);
        TokenIssuer issuer = new(keys, budget.GrantAsync);
        await using IngressServer server = await IngressServer.StartAsync(
            address, IssuerRoutes.LargestBody, new IssuerRoutes(() => issuer, invitations.Knows, TimeProvider.System).HandleAsync, cancellation);
        output.Data(new JsonObject { ["ready"] = true, ["issuer"] = server.Address.GetLeftPart(UriPartial.Authority) });
        using PeriodicTimer timer = new(s_reread);
        IssuerKeys? past = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await TryForgetAsync(budget, keys.Keys[0].Epoch, cancellation);
                if (IssuerKeys.Load(file, out IssuerKeys? next) == KeyFileOutcome.Loaded && next is not null && !Ids(next).SequenceEqual(Ids(keys)))
                {
                    // A request may be under way with the last ones, and none with those before.
                    past?.Dispose();
                    (past, keys) = (keys, next);
                    issuer = new TokenIssuer(keys, budget.GrantAsync);
                }
                else
                {
                    next?.Dispose();
                }
            }
            return (int)ExitCode.Failed;
        }
        finally
        {
            past?.Dispose();
            keys.Dispose();
        }
    }

    static IEnumerable<string> Ids(IssuerKeys keys) => keys.Keys.Select(key => $"{key.Epoch} {Convert.ToHexString(key.PublicKey.Id)}");

    static async ValueTask TryForgetAsync(OneBatchBudget budget, long before, CancellationToken cancellation)
    {
        try
        {
            await budget.ForgetBeforeAsync(before, cancellation);
        }
        catch (PortUnavailableException)
        {
            // The next look tries again.
        }
    }
}
