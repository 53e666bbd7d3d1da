using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Simulation;

namespace Funion.Tests.Secrets;

/// <summary>What is over is nowhere in the memory of the process: keys of past epochs, write capabilities of finished questions, a client's secrets.</summary>
public sealed class SecretsTests
{
    static readonly LocalNetworkOptions s_options = new()
    {
        UserPayload = 2_000, Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000, MixLoopPerKilosecond = 1_000, GatewayLoopPerKilosecond = 1_000 },
    };

    [Fact]
    public void A_secret_that_is_there_is_found_wherever_it_is_and_one_that_was_wiped_is_not()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        MemoryScan scan = new();
        byte[] onHeap = GC.AllocateUninitializedArray<byte>(32, pinned: true);
        RandomNumberGenerator.Fill(onHeap);
        using SecretBytes kept = new(32);
        SecretBytes freed = new(32);
        RandomNumberGenerator.Fill(kept.Span);
        RandomNumberGenerator.Fill(freed.Span);
        scan.LookFor("on the heap", onHeap);
        scan.LookFor("kept", kept.Span);
        scan.LookFor("freed", freed.Span);
        Assert.Equal(["freed", "kept", "on the heap"], scan.Find().Order());
        freed.Dispose();
        Assert.Equal(["kept", "on the heap"], scan.Find().Order());
        CryptographicOperations.ZeroMemory(onHeap);
        Assert.Equal(["kept"], scan.Find());
    }

    [Fact]
    public void Keys_of_past_epochs_are_nowhere_once_their_grace_is_over()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        MemoryScan past = new(), present = new();
        using SimulatedNetwork network = new(s_options, dummies: false);
        long epoch = network.Document.Epoch;
        Add(past, network, epoch);
        network.Run.Until(Ask(network, null), TimeSpan.FromMinutes(10));
        // The control: as long as they are used they are found, each of them.
        Assert.Equal(network.Keys.Count(node => node.Role != NodeRole.Replica) + 1, past.Find().Count);
        while (network.Document.FirstKeptEpoch(NodeRole.Mix, network.Time.GetUtcNow()) <= epoch)
        {
            network.Time.AdvanceTo(network.NextAdvance);
            network.Advance();
            network.Run.For(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(epoch + 1, network.Document.Epoch);
        Add(present, network, epoch + 1);
        Assert.NotEmpty(present.Find());
        Assert.Empty(past.Find());
    }

    [Fact]
    public void Write_capabilities_of_a_finished_question_are_nowhere()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        MemoryScan scan = new();
        using SimulatedNetwork network = new(s_options, dummies: false);
        Task<InferenceAnswer> asked = Ask(network, job => LookForOutput(scan, job));
        network.Run.Until(() => network.Network.Compute.Counters.Accepted == 1, TimeSpan.FromMinutes(10));
        Assert.Equal(["output"], scan.Find());
        network.Run.Until(asked, TimeSpan.FromMinutes(10));
        network.Run.Until(() => network.Client.Cleanup.IsCompleted && network.Network.Compute.Counters.Released == 1, TimeSpan.FromMinutes(10));
        network.Run.For(TimeSpan.FromMinutes(1));
        Assert.Empty(scan.Find());
    }

    [Fact]
    public void The_secrets_of_a_client_are_nowhere_once_it_is_disposed()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        MemoryScan scan = new();
        using SimulatedNetwork network = new(s_options, dummies: false);
        scan.LookFor("mailbox", network.Mixnet.MailboxSecret);
        network.Run.For(TimeSpan.FromSeconds(20));
        Assert.Equal(["mailbox"], scan.Find());
        network.Mixnet.Dispose();
        Assert.Empty(scan.Find());
    }

    // Of their own, so that nothing of it lies on the stack of what looks for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Add(MemoryScan scan, SimulatedNetwork network, long epoch)
    {
        foreach (NodeKeys node in network.Keys.Where(node => node.Role != NodeRole.Replica))
        {
            scan.LookFor($"{node.Role} {node.Layer} {node.Index}", node.Keys.Single(key => key.Epoch == epoch).PrivateKey.Span);
            if (node.JobKeys.SingleOrDefault(key => key.Epoch == epoch) is { } job)
            {
                scan.LookFor($"{node.Role} {node.Index} job", job.PrivateKey.Span);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void LookForOutput(MemoryScan scan, Job job) => scan.LookFor("output", job.Output.Seed);

    static Task<InferenceAnswer> Ask(SimulatedNetwork network, Action<Job>? dispatching) => network.Client.InferAsync(
        "doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5), null, dispatching, default);
}
