using Funion.Enclave;
using Funion.Models.Digits;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Enclaves;

/// <summary>Owner, asker, cloud and enclave process of one model, on this machine.</summary>
sealed class EnclaveWorld : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-enclave-").FullName;

    public EnclaveWorld(IntegerNetwork network, bool hidden, int questions = 100)
    {
        Network = network;
        Store = new EnclaveStore(Path.Combine(_folder, "store"));
        Host = NewHost();
        Assert.Equal(EnclaveRefusal.None, Host.Start());
        Policy = new EnclavePolicy(hidden ? network.Modulus.Bits : 0, Owner.Key, questions, [], []);
        Offer = Host.Create(Policy)!;
        Provision = Owner.Seal(network, Offer.Identity, Offer.PublicKey, Weights.Add);
        Model = new CloudModel(Offer.Model, hidden ? network.WithoutWeights() : network, hidden);
        Assert.Equal(EnclaveRefusal.None, Host.Provide(Model, Provision, () => Weights));
    }

    public IntegerNetwork Network { get; }

    public EnclaveStore Store { get; }

    public EnclaveHost Host { get; private set; }

    public EnclaveLink? Link { get; private set; }

    public ModelOwner Owner { get; } = new();

    public DataOwner Asker { get; } = new();

    public EnclavePolicy Policy { get; }

    public EnclaveOffer Offer { get; }

    public byte[] Provision { get; }

    public List<byte[]> Weights { get; } = [];

    public CloudModel Model { get; }

    /// <summary>All that crossed, as the cloud sees it.</summary>
    public List<(bool In, EnclaveMessage Kind, byte[] Body)> Seen { get; } = [];

    /// <summary>What to do after so many messages.</summary>
    public Action<bool, EnclaveMessage>? AtMessage { get; set; }

    public string Folder => _folder;

    public string Hardware => Path.Combine(_folder, "hardware");

    /// <summary>The program beside the tests: built with them.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "Funion.Enclave");

    public static IntegerNetwork Digits(int bits = 24) => Calibration.Run(
        NetworkReader.TryRead(DigitModel.File()).Network!, Enumerable.Range(0, 8).Select(i => DigitTrainer.HeldOutPicture(i, i)), new Precision(new Modulus(bits)));

    public EnclaveHost NewHost() => new(() => Link = EnclaveLink.StartInsecureSimulator(Program, Hardware), Store)
    {
        Watched = (into, kind, body) =>
        {
            Seen.Add((into, kind, body));
            AtMessage?.Invoke(into, kind);
        },
    };

    public RingTensor Open(byte[] question, EnclaveReply reply)
    {
        Assert.Equal(EnclaveRefusal.None, reply.Refusal);
        Assert.Equal(AnswerOutcome.Ok, Asker.TryOpen(Offer.Identity, Network, question, reply.Result, out RingTensor? output));
        return output!;
    }

    public void Dispose()
    {
        Host.Dispose();
        Owner.Dispose();
        Asker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
