using Funion.Enclave;
using Funion.Models.Digits;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Enclaves;

/// <summary>The enclave as a process of its own: answers, what it is locked out of, what is left of it when it is killed.</summary>
public sealed class EnclaveProcessTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_batch_of_questions_is_answered_as_the_reference_answers(bool hidden)
    {
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden);
        RingTensor[] inputs = [.. Enumerable.Range(0, 3).Select(i => world.Network.Encode(DigitTrainer.HeldOutPicture(i, 40 + i)))];
        byte[][] questions = [.. inputs.Select(input => world.Asker.Ask(world.Offer.Identity, input))];
        IReadOnlyList<EnclaveReply> replies = world.Host.Ask(world.Model, questions);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(world.Network.Run(inputs[i]).Elements, world.Open(questions[i], replies[i]).Elements);
            world.Host.Forget(replies[i].Query);
        }
        Assert.Empty(world.Store.Queries());
        Assert.True(world.Host.Costs.BytesIn > 0 && world.Host.Costs.BytesOut > 0 && world.Host.Costs.EnclaveSeconds > 0);
    }

    [Fact]
    public void The_process_is_locked_up_and_holds_no_socket_and_no_file_that_it_could_write_but_one()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden: true);
        string proc = $"/proc/{world.Link!.ProcessId}";
        string[] status = File.ReadAllLines(proc + "/status");
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("Seccomp:\t2", status);
        // Descriptors: what is mapped already, pipes of its own, and those two; nothing to talk to anybody else with.
        string[] held = [.. Directory.EnumerateFiles(proc + "/fd").Select(path => File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName ?? "")];
        Assert.DoesNotContain(held, target => target.Contains("socket:", StringComparison.Ordinal));
        Assert.Contains(held, target => target == world.Hardware);
        Assert.DoesNotContain(held, target => target.StartsWith(world.Folder, StringComparison.Ordinal) && target != world.Hardware);
        foreach (string thread in Directory.EnumerateDirectories(proc + "/task"))
        {
            Assert.Contains("Seccomp:\t2", File.ReadAllLines(thread + "/status"));
        }
    }

    [Fact]
    public void A_second_process_on_the_same_hardware_says_so_and_ends()
    {
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden: true);
        List<string> said = [];
        using EnclaveHost second = new(() => EnclaveLink.StartInsecureSimulator(EnclaveWorld.Program, world.Hardware, said.Add), new EnclaveStore(Path.Combine(world.Folder, "second")));
        Assert.Equal(EnclaveRefusal.InUse, second.Start());
        Assert.Empty(said);
    }

    [Fact]
    public void Where_there_is_linux_there_is_a_lock_or_no_enclave_and_elsewhere_it_says_that_there_is_none()
    {
        static bool Never() => throw new InvalidOperationException("Nothing to apply.");
        Assert.Equal(LockOutcome.Locked, Seccomp.Decide(isLinux: true, isKnown: true, () => true));
        Assert.Equal(LockOutcome.Refused, Seccomp.Decide(isLinux: true, isKnown: true, () => false));
        Assert.Equal(LockOutcome.UnknownProcessor, Seccomp.Decide(isLinux: true, isKnown: false, Never));
        Assert.Equal(LockOutcome.NoSuchThing, Seccomp.Decide(isLinux: false, isKnown: true, Never));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Killed_after_any_message_and_started_again_it_goes_on_and_nothing_is_lost(bool hidden)
    {
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden);
        RingTensor input = world.Network.Encode(DigitTrainer.HeldOutPicture(7, 70));
        ulong[] expected = world.Network.Run(input).Elements.ToArray();
        // Counted once undisturbed.
        world.Seen.Clear();
        byte[] first = world.Asker.Ask(world.Offer.Identity, input);
        Assert.Equal(expected, world.Open(first, world.Host.Ask(world.Model, [first])[0]).Elements);
        int messages = world.Seen.Count;
        // Every message with encrypted weights; the other variant takes the same steps.
        for (int kill = 1; kill < messages; kill += hidden ? 1 : 4)
        {
            byte[] question = world.Asker.Ask(world.Offer.Identity, input);
            int seen = 0;
            world.AtMessage = (_, _) =>
            {
                if (++seen == kill)
                {
                    throw new OperationCanceledException();
                }
            };
            Assert.Throws<OperationCanceledException>(() => world.Host.Ask(world.Model, [question]));
            world.AtMessage = null;
            Assert.Equal(EnclaveRefusal.None, world.Host.Start());
            Bytes32 query = DataOwner.Name(question);
            // Either the question was taken before the end, and goes on; or it was not, and is asked as it was.
            EnclaveReply reply = world.Host.Resume(world.Model, [query])[0];
            reply = reply.Refusal == EnclaveRefusal.None ? reply : world.Host.Ask(world.Model, [question])[0];
            Assert.Equal(expected, world.Open(question, reply).Elements);
            world.Host.Forget(query);
        }
    }

    [Fact]
    public void A_batch_whose_enclave_is_killed_in_the_middle_three_times_is_answered_all_the_same()
    {
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden: true);
        RingTensor[] inputs = [.. Enumerable.Range(0, 2).Select(i => world.Network.Encode(DigitTrainer.HeldOutPicture(i, 20 + i)))];
        byte[][] questions = [.. inputs.Select(input => world.Asker.Ask(world.Offer.Identity, input))];
        int seen = 0;
        void Kill(int times, int every)
        {
            seen = 0;
            world.AtMessage = (into, kind) =>
            {
                // Two parts, each watched.
                if (into && kind == EnclaveMessage.Answer && ++seen % every == 0 && times-- > 0)
                {
                    using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(world.Link!.ProcessId);
                    process.Kill();
                    process.WaitForExit();
                }
            };
        }

        Kill(times: 3, every: 2);
        IReadOnlyList<EnclaveReply> replies = world.Host.AskThrough(world.Model, questions);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(world.Network.Run(inputs[i]).Elements, world.Open(questions[i], replies[i]).Elements);
        }
        // One that ends again and again is not started for ever.
        byte[] last = world.Asker.Ask(world.Offer.Identity, inputs[0]);
        Kill(times: int.MaxValue, every: 2);
        Assert.ThrowsAny<IOException>(() => world.Host.AskThrough(world.Model, [last]));
    }

    [Fact]
    public void State_of_an_earlier_time_is_refused_whatever_is_older_of_it()
    {
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden: true, questions: 2);
        RingTensor input = world.Network.Encode(DigitTrainer.HeldOutPicture(3, 30));
        string store = Path.Combine(world.Folder, "store"), kept = Path.Combine(world.Folder, "kept");
        byte[] question = world.Asker.Ask(world.Offer.Identity, input);
        CopyFolder(store, kept);
        EnclaveReply reply = world.Host.Ask(world.Model, [question])[0];
        world.Open(question, reply);
        // The whole store as it was before the question.
        world.Host.Stop();
        string newer = Path.Combine(world.Folder, "newer");
        CopyFolder(store, newer);
        CopyFolder(kept, store);
        Assert.Equal(EnclaveRefusal.WrongState, world.Host.Start());
        Assert.Null(world.Host.Create(world.Policy));
        // As it was, it starts; a query's state of an earlier layer is of no use though.
        CopyFolder(newer, store);
        Assert.Equal(EnclaveRefusal.None, world.Host.Start());
        byte[][] states = [.. world.Seen.Where(message => message is { In: false, Kind: EnclaveMessage.Persist }).Select(message => message.Body)];
        Assert.True(states.Length > 3);
        byte[] early = states[^2];
        int length = BitConverter.ToInt32(early);
        File.WriteAllBytes(Assert.Single(Directory.EnumerateFiles(store, $"{reply.Query}.*")), early[(4 + length)..]);
        Assert.Equal(EnclaveRefusal.WrongState, world.Host.Resume(world.Model, [reply.Query])[0].Refusal);
        // Somebody who has a receipt notices even where the hardware is rolled back with the rest.
        byte[] last = world.Asker.Ask(world.Offer.Identity, input);
        world.Host.Stop();
        CopyFolder(kept, store);
        byte[] cell = File.ReadAllBytes(world.Hardware);
        byte[] state = File.ReadAllBytes(Assert.Single(Directory.EnumerateFiles(store, "state.*")));
        Span<byte> hash = cell.AsSpan(40, 32);
        Funion.Cryptography.Blake2b.Hash256(state, hash);
        File.WriteAllBytes(world.Hardware, cell);
        Assert.Equal(EnclaveRefusal.None, world.Host.Start());
        Assert.Equal(EnclaveRefusal.RolledBack, world.Host.Ask(world.Model, [last])[0].Refusal);
    }

    [Fact]
    public void Nothing_of_weights_inputs_or_activations_is_outside_in_clear()
    {
        using EnclaveWorld world = new(EnclaveWorld.Digits(), hidden: true);
        RingTensor input = world.Network.Encode(DigitTrainer.HeldOutPicture(5, 50));
        byte[] question = world.Asker.Ask(world.Offer.Identity, input);
        EnclaveReply reply = world.Host.Ask(world.Model, [question])[0];
        world.Open(question, reply);
        ClearText clear = new();
        foreach (RingTensor value in world.Network.RunAll(input))
        {
            clear.Add(value);
        }
        foreach (LinearLayer layer in world.Network.Layers.OfType<LinearLayer>())
        {
            clear.Add(layer.Weights!);
            clear.Add(layer.Bias!);
        }
        Assert.True(clear.Samples > 1_000);
        // It finds what is there: the same values as the enclave packs them, before it seals them.
        Assert.True(clear.IsIn([1, 2, 3, .. input.ToBytes()]));
        List<byte[]> outside = [.. world.Seen.Select(message => message.Body), .. world.Weights, world.Provision, question, reply.Result];
        outside.AddRange(Directory.EnumerateFiles(Path.Combine(world.Folder, "store")).Select(File.ReadAllBytes));
        Assert.All(outside, bytes => Assert.False(clear.IsIn(bytes)));
        Assert.All(world.Model.Network.Layers.OfType<LinearLayer>(), layer => Assert.True(layer.Weights is null && layer.Bias is null));
    }

    static void CopyFolder(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
