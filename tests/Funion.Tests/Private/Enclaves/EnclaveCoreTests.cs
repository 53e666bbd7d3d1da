using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Enclave;
using Funion.Private.Enclaves;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Enclaves;

/// <summary>Who may do what with a model, and everything that an enclave does not do.</summary>
public sealed class EnclaveCoreTests : IDisposable
{
    readonly string _hardware = Path.Combine(Path.GetTempPath(), $"funion-{Guid.NewGuid():n}");
    readonly Platform _platform;
    readonly EnclaveCore _core;
    readonly List<(byte[] State, byte[] Query)> _kept = [];
    readonly ModelOwner _owner = new();
    readonly DataOwner _asker = new();
    readonly IntegerNetwork _network = Network();

    public EnclaveCoreTests()
    {
        _platform = new Platform(_hardware);
        _core = NewCore();
        Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Restore));
    }

    [Fact]
    public void An_enclave_does_nothing_before_it_is_started_and_starts_once()
    {
        using EnclaveCore fresh = NewCore();
        foreach (EnclaveMessage kind in Enum.GetValues<EnclaveMessage>().Where(kind => kind != EnclaveMessage.Restore))
        {
            Assert.Equal(EnclaveRefusal.Malformed, Refusal(fresh.Handle(kind, new byte[64])));
        }
        Assert.Equal(EnclaveRefusal.Malformed, Call(EnclaveMessage.Restore));
        foreach (EnclaveMessage kind in (EnclaveMessage[])[EnclaveMessage.Commit, EnclaveMessage.Persist, EnclaveMessage.Result, 0])
        {
            Assert.Equal(EnclaveRefusal.Malformed, Call(kind, new byte[64]));
        }
        Assert.Equal(EnclaveRefusal.Malformed, Call(EnclaveMessage.Ask, new byte[3]));
        Assert.Equal(EnclaveRefusal.Malformed, Call(EnclaveMessage.Create, new byte[3]));
    }

    [Fact]
    public void Evidence_names_keys_code_policy_model_and_nonce_and_says_that_it_proves_nothing()
    {
        EnclavePolicy policy = Policy();
        EnclaveOffer offer = Create(policy);
        Assert.True(SimulatedEvidence.IsSimulated(offer.Evidence));
        Assert.Equal(offer.Identity, SimulatedEvidence.TryRead(offer.Evidence));
        Assert.Equal(policy.Digest(), offer.Identity.Policy);
        Assert.NotEqual(offer.Model, Create(policy with { Questions = 9 }).Model);
        byte[] nonce = RandomNumberGenerator.GetBytes(32);
        (EnclaveMessage kind, byte[] body) = _core.Handle(EnclaveMessage.Describe, [.. nonce, .. offer.Model.AsSpan()]);
        Assert.Equal(EnclaveMessage.Identity, kind);
        EnclaveIdentity identity = EnclaveIdentity.TryRead(body.AsSpan(0, EnclaveIdentity.Size))!;
        Assert.Equal((offer.Model, new Bytes32(nonce), offer.Identity.SealingKey), (identity.Model(), identity.Nonce, identity.SealingKey));
        Assert.Equal(EnclaveRefusal.UnknownModel, Call(EnclaveMessage.Describe, new byte[64]));
    }

    [Fact]
    public void Only_the_owner_whom_the_policy_names_provides_the_model_and_only_once()
    {
        EnclaveOffer offer = Create(Policy());
        using ModelOwner other = new();
        List<byte[]> weights = [];
        byte[] theirs = other.Seal(_network, offer.Identity, offer.PublicKey, weights.Add);
        Assert.Equal(EnclaveRefusal.WrongOwner, Call(EnclaveMessage.Provide, offer.Model.AsSpan(), theirs));
        byte[] ours = _owner.Seal(_network, offer.Identity, offer.PublicKey, weights.Add);
        EnclaveOffer second = Create(Policy() with { Questions = 77 });
        Assert.Equal(EnclaveRefusal.CannotOpen, Call(EnclaveMessage.Provide, second.Model.AsSpan(), ours));
        Assert.Equal(EnclaveRefusal.UnknownModel, Call(EnclaveMessage.Provide, new byte[32], ours));
        byte[] damaged = [.. ours];
        damaged[^1] ^= 1;
        Assert.Equal(EnclaveRefusal.CannotOpen, Call(EnclaveMessage.Provide, offer.Model.AsSpan(), damaged));
        Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Provide, offer.Model.AsSpan(), ours));
        Assert.Equal(EnclaveRefusal.UnknownModel, Call(EnclaveMessage.Provide, offer.Model.AsSpan(), ours));
        Assert.Throws<CryptographicException>(() => _owner.Seal(_network, second.Identity, offer.PublicKey, weights.Add));
    }

    [Fact]
    public void Weights_that_are_not_the_owners_are_refused_and_may_come_again()
    {
        EnclaveOffer offer = Create(Policy());
        List<byte[]> weights = [], others = [];
        Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Provide, offer.Model.AsSpan(), _owner.Seal(_network, offer.Identity, offer.PublicKey, weights.Add)));
        _owner.Seal(_network, offer.Identity, offer.PublicKey, others.Add);
        byte[] question = _asker.Ask(offer.Identity, Input());
        Assert.Equal(EnclaveRefusal.UnknownModel, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), question));
        Assert.Equal(EnclaveRefusal.WrongWeights, others.Select(ciphertext => Call(EnclaveMessage.Weights, offer.Model.AsSpan(), ciphertext)).Last());
        Assert.Equal(EnclaveRefusal.WrongWeights, Call(EnclaveMessage.Weights, offer.Model.AsSpan(), weights[0].AsSpan(1)));
        Assert.All(weights, ciphertext => Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Weights, offer.Model.AsSpan(), ciphertext)));
        Assert.Equal(EnclaveRefusal.UnknownModel, Call(EnclaveMessage.Weights, offer.Model.AsSpan(), weights[0]));
        Assert.Equal(EnclaveMessage.Request, Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), question).Kind);
    }

    [Fact]
    public void The_policy_says_who_asks_how_often_and_for_whom()
    {
        using DataOwner stranger = new();
        (EnclaveOffer offer, CloudModel model) = Provide(Policy() with { Questions = 2, Users = [_asker.User], Recipients = [_asker.Recipient] });
        Assert.Equal(EnclaveRefusal.NotAllowed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), stranger.Ask(offer.Identity, Input(), _asker.Recipient)));
        Assert.Equal(EnclaveRefusal.NotAllowed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input(), stranger.Recipient)));
        byte[] first = _asker.Ask(offer.Identity, Input());
        Assert.Equal(AnswerOutcome.Ok, Finish(offer, model, _asker, first));
        Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Forget, DataOwner.Name(first).AsSpan()));
        Assert.Equal(EnclaveRefusal.Replayed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), first));
        Assert.Equal(AnswerOutcome.Ok, Finish(offer, model, _asker, _asker.Ask(offer.Identity, Input())));
        Assert.Equal(EnclaveRefusal.QuotaSpent, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input())));
    }

    [Fact]
    public void Where_anybody_may_ask_all_share_what_is_granted_and_nobody_gets_anothers_answer()
    {
        using DataOwner other = new();
        (EnclaveOffer offer, CloudModel model) = Provide(Policy() with { Questions = 3 });
        byte[] question = _asker.Ask(offer.Identity, Input());
        EnclaveReply reply = Answer(offer, model, question);
        Assert.Equal(AnswerOutcome.CannotOpen, other.TryOpen(offer.Identity, _network, question, reply.Result, out _));
        Assert.Equal(AnswerOutcome.Ok, _asker.TryOpen(offer.Identity, _network, question, reply.Result, out RingTensor? output));
        Assert.Equal(_network.Run(Input()).Elements, output!.Elements);
        // The same answer a second time, and any other bytes.
        Assert.Equal(AnswerOutcome.RolledBack, _asker.TryOpen(offer.Identity, _network, question, reply.Result, out _));
        Assert.Equal(AnswerOutcome.Malformed, _asker.TryOpen(offer.Identity, _network, question, reply.Result.AsSpan(1), out _));
        foreach (int at in (int[])[0, 40, 80, 100, 130, EnclaveReceipt.Size - 1, EnclaveReceipt.Size + 5])
        {
            byte[] changed = [.. reply.Result];
            changed[at] ^= 4;
            Assert.Equal(AnswerOutcome.WrongReceipt, _asker.TryOpen(offer.Identity, _network, question, changed, out _));
        }
        Assert.Equal(AnswerOutcome.WrongReceipt, _asker.TryOpen(offer.Identity, _network, [1, 2, 3], reply.Result, out _));
        Assert.Equal(AnswerOutcome.Ok, Finish(offer, model, other, other.Ask(offer.Identity, Input())));
        Assert.Equal(AnswerOutcome.Ok, Finish(offer, model, other, other.Ask(offer.Identity, Input())));
        Assert.Equal(EnclaveRefusal.QuotaSpent, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input())));
    }

    [Fact]
    public void A_question_that_was_changed_or_is_for_another_model_or_for_a_key_of_low_order_is_none()
    {
        (EnclaveOffer offer, _) = Provide(Policy());
        (EnclaveOffer other, _) = Provide(Policy() with { Questions = 50 });
        byte[] question = _asker.Ask(offer.Identity, Input());
        Assert.Equal(EnclaveRefusal.CannotOpen, Call(EnclaveMessage.Ask, other.Model.AsSpan(), question));
        byte[] changed = [.. question];
        changed[^1] ^= 1;
        Assert.Equal(EnclaveRefusal.CannotOpen, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), changed));
        Assert.Equal(EnclaveRefusal.CannotOpen, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), question.AsSpan(0, 20)));
        Assert.Equal(EnclaveRefusal.NotAllowed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input(), default(Bytes32))));
        Assert.Equal(EnclaveMessage.Request, Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), question).Kind);
        Assert.Equal(EnclaveRefusal.Replayed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), question));
    }

    [Fact]
    public void A_question_is_taken_once_also_where_anybody_may_ask_and_after_it_was_forgotten_and_the_enclave_restarted()
    {
        (EnclaveOffer offer, CloudModel model) = Provide(Policy());
        byte[] question = _asker.Ask(offer.Identity, Input());
        Assert.Equal(AnswerOutcome.Ok, Finish(offer, model, _asker, question));
        Assert.Equal(EnclaveRefusal.Replayed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), question));
        Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Forget, DataOwner.Name(question).AsSpan()));
        Assert.Equal(EnclaveRefusal.Replayed, Call(EnclaveMessage.Ask, offer.Model.AsSpan(), question));
        using EnclaveState read = Kept();
        Assert.Equal(EnclaveRefusal.Replayed, read.Asked.Check(DataOwner.Name(question), read.Counter));
    }

    [Fact]
    public void Of_questions_whose_names_are_let_go_the_counter_tells_that_they_may_have_been_asked()
    {
        AskedQuestions asked = new();
        Bytes32 Name(int i) => new([.. BitConverter.GetBytes(i), .. new byte[28]]);
        // Every question names a counter of its own day; each is taken at a later one.
        for (int i = 0; i < AskedQuestions.Most; i++)
        {
            Assert.Equal(EnclaveRefusal.None, asked.Check(Name(i), (ulong)i));
            asked.Add(Name(i), (ulong)(10 + i));
        }
        Assert.Equal((-1, EnclaveRefusal.Replayed, EnclaveRefusal.None), (asked.Horizon, asked.Check(Name(0), ulong.MaxValue), asked.Check(Name(-1), 0)));
        asked.Add(Name(AskedQuestions.Most), 5_000);
        Assert.Equal(10, asked.Horizon);
        Assert.Equal(EnclaveRefusal.Stale, asked.Check(Name(0), 10));
        Assert.Equal(EnclaveRefusal.Replayed, asked.Check(Name(1), 1));
        Assert.Equal(EnclaveRefusal.None, asked.Check(Name(-1), 11));
        // Whatever happens, nothing that was taken is ever taken again: what it names is no more than the counter at which it was.
        for (int i = AskedQuestions.Most + 1; i < 3 * AskedQuestions.Most; i++)
        {
            asked.Add(Name(i), (ulong)(5_000 + i));
        }
        Assert.All(Enumerable.Range(0, 3 * AskedQuestions.Most), i =>
            Assert.NotEqual(EnclaveRefusal.None, asked.Check(Name(i), (ulong)(i < AskedQuestions.Most ? 10 + i : 5_000 + i))));
    }

    [Fact]
    public void A_step_is_gone_on_from_so_often_and_no_more_and_a_restart_does_not_forget_how_often()
    {
        (EnclaveOffer offer, CloudModel model) = Provide(Policy());
        byte[] asked = Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input())).Body;
        byte[] state = _kept[^1].Query;
        HashSet<string> requests = [Convert.ToHexString(asked)];
        for (int i = 0; i < EnclaveCore.MaxResumes; i++)
        {
            (EnclaveMessage kind, byte[] body) = Handle(EnclaveMessage.Resume, state);
            Assert.Equal(EnclaveMessage.Request, kind);
            // Encrypted anew each time, and counted in what is kept before that is given out.
            Assert.True(requests.Add(Convert.ToHexString(body)));
            using EnclaveState read = Kept();
            Assert.Equal(i + 1, Assert.Single(read.Queries).Value.Resumes);
            asked = body;
        }
        Assert.Equal(EnclaveRefusal.ResumedTooOften, Call(EnclaveMessage.Resume, state));
        // It is still under way; and a result is sent as often as somebody wants it.
        byte[] product = model.Multiply(0, [asked[36..]])[0];
        Assert.Equal(EnclaveMessage.Result, Handle(EnclaveMessage.Answer, asked.AsSpan(0, 32), product).Kind);
        state = _kept[^1].Query;
        Assert.All(Enumerable.Range(0, 2 * EnclaveCore.MaxResumes), _ => Assert.Equal(EnclaveMessage.Result, Handle(EnclaveMessage.Resume, state).Kind));
    }

    [Fact]
    public void An_enclave_has_biases_and_no_weights_in_its_state_and_in_its_models()
    {
        Provide(Policy());
        using EnclaveState state = Kept();
        LinearLayer layer = (LinearLayer)_network.Layers[0];
        ClearText weights = new();
        weights.Add(layer.Weights!);
        byte[] kept = state.ToBytes();
        Assert.True(weights.Samples > 0);
        Assert.False(weights.IsIn(kept));
        // It would find them: the biases lie there as they are.
        Assert.True(NumberIn(kept, layer.Bias![0]));
        Assert.All(state.Models.Values.SelectMany(model => model.Model!.Network.Layers.OfType<LinearLayer>()), known => Assert.Null(known.Weights));
    }

    [Fact]
    public void A_product_that_is_wrong_ends_the_query()
    {
        (EnclaveOffer offer, CloudModel model) = Provide(Policy());
        byte[] body = Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input())).Body;
        byte[] answer = model.Multiply(0, [body[36..]])[0];
        answer[1_000] ^= 1;
        Assert.Equal(EnclaveRefusal.WrongAnswer, Call(EnclaveMessage.Answer, body.AsSpan(0, 32), answer));
        answer[1_000] ^= 1;
        Assert.Equal(EnclaveRefusal.UnknownQuery, Call(EnclaveMessage.Answer, body.AsSpan(0, 32), answer));
        Assert.Equal(EnclaveRefusal.UnknownQuery, Call(EnclaveMessage.Forget, body.AsSpan(0, 32)));
        Assert.Equal(EnclaveRefusal.WrongState, Call(EnclaveMessage.Resume, _kept[^2].Query));
    }

    [Fact]
    public void One_askers_ciphertexts_are_of_no_use_in_anothers_question()
    {
        // The cloud is in league with the second asker, and puts the first one's encrypted input, or weights, where the product belongs.
        (EnclaveOffer offer, CloudModel model) = Provide(Policy());
        using DataOwner accomplice = new();
        byte[] first = Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), _asker.Ask(offer.Identity, Input())).Body;
        byte[] second = Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), accomplice.Ask(offer.Identity, Input())).Body;
        byte[] product = model.Multiply(0, [first[36..]])[0];
        Assert.Equal(EnclaveRefusal.WrongAnswer, Call(EnclaveMessage.Answer, second.AsSpan(0, 32), product));
        Assert.NotEqual(EnclaveMessage.Refused, Handle(EnclaveMessage.Answer, first.AsSpan(0, 32), product).Kind);
    }

    [Fact]
    public void State_of_other_code_or_of_another_machine_does_not_open()
    {
        Provide(Policy());
        byte[] state = _kept[^1].State;
        using EnclaveCore sameCode = NewCore(), otherCode = new(_platform, new Bytes32(SHA256.HashData([1])), (_, _) => true);
        Assert.Equal(EnclaveRefusal.WrongState, Refusal(otherCode.Handle(EnclaveMessage.Restore, state)));
        Assert.Equal(EnclaveRefusal.WrongState, Refusal(sameCode.Handle(EnclaveMessage.Restore, _kept[^2].State)));
        Assert.Equal(EnclaveRefusal.WrongState, Refusal(sameCode.Handle(EnclaveMessage.Restore, [])));
        Assert.Equal(EnclaveMessage.Ok, sameCode.Handle(EnclaveMessage.Restore, state).Kind);
        using Platform elsewhere = new(_hardware + "2");
        using EnclaveCore other = new(elsewhere, default, (_, _) => true);
        Assert.Equal(EnclaveRefusal.WrongState, Refusal(other.Handle(EnclaveMessage.Restore, state)));
    }

    public void Dispose()
    {
        _core.Dispose();
        _platform.Dispose();
        _owner.Dispose();
        _asker.Dispose();
        File.Delete(_hardware);
        File.Delete(_hardware + "2");
    }

    static IntegerNetwork Network()
    {
        ConvolutionShape shape = new(new TensorShape(1, 4, 4), 2, Window.Square(3, padding: 1));
        Random random = new(3);
        return new IntegerNetwork(new Modulus(24), shape.Input, 1, [
            new LinearLayer("1", 0, shape, 127, Layers.Weights(shape, random), [50, -50]),
            new NonlinearLayer("2", 1, shape.Output, null, true, 3, null),
        ], 1);
    }

    RingTensor Input() => RingTensor.Of(_network.Modulus, _network.Input, [.. Enumerable.Range(-8, 16).Select(i => (long)i)]);

    static bool NumberIn(byte[] bytes, long number) => bytes.AsSpan().IndexOf(BitConverter.GetBytes(number)) >= 0;

    /// <summary>What was kept last, as a restart reads it.</summary>
    EnclaveState Kept() => EnclaveState.TryRead(new StateSeal(_platform, default).Open("funion-enclave-state-v1"u8, _kept[^1].State))!;

    EnclavePolicy Policy() => new(24, _owner.Key, 100, [], []);

    EnclaveCore NewCore() => new(_platform, default, (state, query) =>
    {
        _kept.Add((state, query));
        return true;
    });

    EnclaveOffer Create(EnclavePolicy policy) => EnclaveOffer.TryRead(Handle(EnclaveMessage.Create, policy.ToBytes()).Body)!;

    (EnclaveOffer Offer, CloudModel Model) Provide(EnclavePolicy policy)
    {
        EnclaveOffer offer = Create(policy);
        CloudModel model = new(offer.Model, _network.WithoutWeights(), isHidden: true);
        List<byte[]> weights = [];
        Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Provide, offer.Model.AsSpan(), _owner.Seal(_network, offer.Identity, offer.PublicKey, weights.Add)));
        foreach (byte[] ciphertext in weights)
        {
            Assert.Equal(LatticeOutcome.Ok, model.AddWeights(ciphertext));
            Assert.Equal(EnclaveRefusal.None, Call(EnclaveMessage.Weights, offer.Model.AsSpan(), ciphertext));
        }
        return (offer, model);
    }

    EnclaveReply Answer(EnclaveOffer offer, CloudModel model, byte[] question)
    {
        (EnclaveMessage kind, byte[] body) = Handle(EnclaveMessage.Ask, offer.Model.AsSpan(), question);
        while (kind == EnclaveMessage.Request)
        {
            byte[] product = model.Multiply(BitConverter.ToInt32(body, 32), [body[36..]])[0];
            (kind, body) = Handle(EnclaveMessage.Answer, body.AsSpan(0, 32), product);
        }
        Assert.Equal(EnclaveMessage.Result, kind);
        return new EnclaveReply(new Bytes32(body.AsSpan(0, 32)), EnclaveRefusal.None, body[32..]);
    }

    AnswerOutcome Finish(EnclaveOffer offer, CloudModel model, DataOwner asker, byte[] question) =>
        asker.TryOpen(offer.Identity, _network, question, Answer(offer, model, question).Result, out _);

    (EnclaveMessage Kind, byte[] Body) Handle(EnclaveMessage kind, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default) =>
        _core.Handle(kind, [.. first, .. second]);

    EnclaveRefusal Call(EnclaveMessage kind, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default) => Refusal(Handle(kind, first, second));

    static EnclaveRefusal Refusal((EnclaveMessage Kind, byte[] Body) answer) => answer.Kind == EnclaveMessage.Refused ? (EnclaveRefusal)answer.Body[0] : EnclaveRefusal.None;
}
