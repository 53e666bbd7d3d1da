using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Contracts;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Funion.Tokens;

namespace Funion.Tests.Simulation;

/// <summary>A network that demands a token for every job: who pays is answered, who does not displaces nobody, and nobody outside can tell.</summary>
public sealed class TokenSimulationTests
{
    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5), s_long = TimeSpan.FromMinutes(10);

    static readonly LocalNetworkOptions s_options = new()
    {
        UserPayload = 2_000, TokensPerEpoch = SimulatedNetwork.TokensAnEpoch, Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000 },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Questions_are_answered_with_tokens_and_without_and_all_that_travels_has_the_same_sizes(bool tokens)
    {
        Dictionary<string, HashSet<int>> sizes = [];
        using SimulatedNetwork network = new(
            new LocalNetworkOptions { UserPayload = 2_000, TokensPerEpoch = tokens ? SimulatedNetwork.TokensAnEpoch : 0 },
            wrap: (ports, _) => ports with { Queue = new Tap(ports.Queue, (queue, message) => Note(sizes, queue, message.Length)) });
        network.Run.For(TimeSpan.FromMinutes(1));
        Assert.Equal([2, 4, 6, 8], network.Run.Until(Ask(network), s_long).Tensors![0].ToFloats());
        ComputeCounters counters = network.Network.Compute.Counters;
        // Compute's own dummies pay, too, and no job was refused.
        Assert.True(counters.Dummies > 10, $"{counters.Dummies}");
        Assert.Equal((0, 0), (counters.Unpaid, counters.Refused));
        Assert.Equal(tokens, Spent(network) > counters.Dummies);
        Assert.Equal(tokens ? SimulatedNetwork.TokensAnEpoch - 1 : 0, Left(network));
        foreach (string queue in (string[])["gateway-in", "mix-in", "courier-in", "compute-in", "compute-out", "replica-in", "courier-replies"])
        {
            Assert.Single(sizes[queue]);
        }
        // What a job is sealed into does not depend on what is in it.
        NodeDescriptor compute = network.Document.Computes[0];
        Assert.Equal(2_000, NewJob(network, token: null).SealTo(compute, network.Document.Epoch, 2_000).Length);
        Assert.Equal(2_000, NewJob(network, new byte[Token.Size]).SealTo(compute, network.Document.Epoch, 2_000).Length);
    }

    [Fact]
    public void A_flood_of_jobs_without_tokens_displaces_nobody_and_hears_what_everybody_hears()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        network.Run.For(TimeSpan.FromSeconds(1));
        byte[] token = Take(network), forged = [.. token], stale = [.. token];
        forged[^1] ^= 1;
        stale[40] ^= 1;
        Task<ReadOnlyMemory<byte>>[] flood = [.. Enumerable.Range(0, 40).Select(i => Dispatch(network, NewJob(network, (i % 4) switch
        {
            0 => null,
            1 => forged,
            2 => stale,
            _ => [.. token[..2], .. RandomNumberGenerator.GetBytes(Token.Size - 2)],
        })))];
        Task<ReadOnlyMemory<byte>> paid = Dispatch(network, NewJob(network, token));
        Task<InferenceAnswer> asked = Ask(network);
        network.Run.Until(() => asked.IsCompleted && paid.IsCompleted && flood.All(answer => answer.IsCompleted), s_long);
        Assert.Equal([2, 4, 6, 8], network.Run.Until(asked, s_long).Tensors![0].ToFloats());
        ComputeCounters counters = network.Network.Compute.Counters;
        Assert.Equal((40, 2, 0, 0), (counters.Unpaid, counters.Accepted, counters.Displaced, counters.Refused));
        byte[] heard = network.Run.Until(paid, s_long).ToArray();
        Assert.All(flood, answer => Assert.Equal(heard, network.Run.Until(answer, s_long).ToArray()));
        // Nothing of it lies about.
        Assert.Equal(2, Spent(network));
        Assert.Equal(2, Names(network, ComputeJobs.Accepted));
    }

    [Fact]
    public void A_job_that_comes_again_pays_once_and_of_two_jobs_with_one_token_one_runs()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        network.Run.For(TimeSpan.FromSeconds(1));
        byte[] token = Take(network);
        Job job = NewJob(network, token);
        ComputeCounters counters = network.Network.Compute.Counters;
        Task<ReadOnlyMemory<byte>>[] sent = [Dispatch(network, job), Dispatch(network, job), Dispatch(network, job)];
        network.Run.Until(() => sent.All(answer => answer.IsCompleted), s_long);
        Assert.Equal((1, 0, 1L), (counters.Accepted, counters.Refused, Spent(network)));
        // Another question, the same token; and the same question again under another token, which is another job with a W_out that is taken.
        network.Run.Until(Dispatch(network, NewJob(network, token)), s_long);
        Assert.Equal((1, 1), (counters.Accepted, counters.Refused));
        network.Run.Until(Dispatch(network, job with { Token = Take(network) }), s_long);
        Assert.Equal((1, 2), (counters.Accepted, counters.Refused));
        // Long after it is done, it does not run again.
        network.Run.Until(() => counters.Released == 1, s_long);
        network.Run.Until(Dispatch(network, job), s_long);
        network.Run.For(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 3, 1), (counters.Accepted, counters.Refused, counters.Released));
        Assert.Equal(0, counters.Unpaid);
    }

    [Fact]
    public void Who_has_no_token_left_is_told_before_anything_is_uploaded()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        network.Run.For(TimeSpan.FromSeconds(1));
        while (Left(network) > 0)
        {
            Take(network);
        }
        Task<InferenceAnswer> asked = Ask(network);
        Assert.Equal(FunionError.NoToken, Assert.IsType<FunionException>(asked.Exception!.InnerException).Error);
        // Nor does the supply hurry: what it asks for does not depend on what was used.
        network.Run.For(TimeSpan.FromMinutes(5));
        Assert.Equal(0, Left(network));
    }

    [Fact]
    public void Tokens_of_the_next_epoch_are_there_at_the_turn_and_those_of_the_last_pay_for_what_was_under_way()
    {
        using SimulatedNetwork network = new(s_options, dummies: false);
        DateTimeOffset turn = network.Document.EpochStart(network.Document.Epoch + 1);
        network.Time.AdvanceTo(turn - TimeSpan.FromMinutes(1));
        network.Run.For(TimeSpan.FromSeconds(1));
        byte[] token = Take(network);
        Job late = NewJob(network, token), mixed = NewJob(network, Take(network));
        NodeDescriptor compute = network.Document.Computes[0];
        byte[] sealedLate = late.SealTo(compute, network.Document.Epoch, 2_000);
        network.Run.For(turn - network.Time.GetUtcNow());
        network.Advance();
        network.Run.For(TimeSpan.FromSeconds(1));
        Assert.Equal(SimulatedNetwork.TokensAnEpoch, Left(network));
        ServiceAddress address = new(network.Document.Computes[0], ServiceNames.Compute);
        network.Run.Until(network.Mixnet.RequestAsync(address, sealedLate, default), s_long);
        Assert.Equal((1, 0), (network.Network.Compute.Counters.Accepted, network.Network.Compute.Counters.Unpaid));
        // A token of the last epoch in a job of this one.
        network.Run.Until(Dispatch(network, mixed), s_long);
        Assert.Equal((1, 1), (network.Network.Compute.Counters.Accepted, network.Network.Compute.Counters.Unpaid));
        Assert.Equal([2, 4, 6, 8], network.Run.Until(Ask(network), s_long).Tensors![0].ToFloats());
    }

    [Theory]
    [InlineData(Fault.UnavailableBefore)]
    [InlineData(Fault.UnavailableAfter)]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    public void Whatever_fails_between_payment_and_acceptance_the_job_runs_and_pays_once(Fault fault)
    {
        long operations = Live(null);
        Assert.True(operations >= 4, $"{operations}");
        for (long k = 1; k <= operations; k++)
        {
            Live(plan => plan.Strike(k, fault));
        }
    }

    /// <summary>One question while compute fails at an operation of payment, claim or keeping; how many of these there were.</summary>
    static long Live(Action<FaultPlan>? strike)
    {
        string[] shelves = [JobTokens.Shelf, ComputeJobs.Accepted, ComputeJobs.Jobs];
        FaultPlan faults = new();
        using SimulatedNetwork network = new(s_options, dummies: false, wrap: (ports, name) =>
            name == "compute-0" ? ports with { Store = new FaultyBoxStore(ports.Store, faults, shelves.Contains) } : ports);
        network.Restarting(faults, () => network.Run.For(TimeSpan.FromSeconds(1)));
        strike?.Invoke(faults);
        Task<InferenceAnswer> asked = Ask(network);
        network.Restarting(faults, () => network.Run.Until(asked, s_long));
        Assert.Equal([2, 4, 6, 8], asked.GetAwaiter().GetResult().Tensors![0].ToFloats());
        Assert.Equal(1, Spent(network));
        Assert.Equal(SimulatedNetwork.TokensAnEpoch - 1, Left(network));
        return faults.Operations;
    }

    static Task<InferenceAnswer> Ask(SimulatedNetwork network) =>
        network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket, null, null, default);

    static Job NewJob(SimulatedNetwork network, byte[]? token)
    {
        ModelEntry model = network.Document.Models[0];
        return new Job(
            RandomNumberGenerator.GetBytes(Job.NonceSize), model.Name, s_bucket, model.InputBoxes, model.OutputBoxes, WriteCapability.Create().ToReadCapability(),
            WriteCapability.Create(), token);
    }

    static Task<ReadOnlyMemory<byte>> Dispatch(SimulatedNetwork network, Job job)
    {
        NodeDescriptor compute = network.Document.Computes[0];
        byte[] sealedJob = job.SealTo(compute, network.Document.EpochAt(network.Time.GetUtcNow()), network.Document.Geometry.UserPayload);
        return network.Mixnet.RequestAsync(new ServiceAddress(compute, ServiceNames.Compute), sealedJob, default);
    }

    static byte[] Take(SimulatedNetwork network) =>
        network.Wallet.TryTake(network.Document.Computes[0].Id, network.Document.EpochAt(network.Time.GetUtcNow()))!;

    static int Left(SimulatedNetwork network) =>
        network.Wallet.Count(network.Document.Computes[0].Id, network.Document.EpochAt(network.Time.GetUtcNow()));

    static long Spent(SimulatedNetwork network) => Names(network, JobTokens.Shelf);

    static long Names(SimulatedNetwork network, string shelf)
    {
        BoxStore store = network.Ports["compute-0"].Store;
        return store.ListEpochsAsync(shelf, default).ToBlockingEnumerable().Sum(epoch => store.ListAsync(shelf, epoch, "", default).ToBlockingEnumerable().Count());
    }

    static void Note(Dictionary<string, HashSet<int>> sizes, string queue, int size)
    {
        if (!sizes.TryGetValue(queue, out HashSet<int>? seen))
        {
            sizes[queue] = seen = [];
        }
        seen.Add(size);
    }
}
