using Funion.Private.Garbling;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;
using Funion.Private.Transfer;

namespace Funion.Private.Protocol;

/// <summary>
/// Every message of a network's two phases, from its architecture alone: both parties derive it, so that nothing on the wire says how long anything is.
/// <code>
/// offline, per session    client                                         server
///                         offer, keys (the line's first: in place of keys, after accept, seeds and keys)   →
///                                                                    ←   accept, open, an extension for each batch of activations; then for quadratic ones
///     for each level      Enc(r) of each linear layer                →
///                                                                    ←   W·r − P of each, choices for rounding
///                         corrections of rounding                    →
///                         garbled batches, square pairs              →
///                                                                    ←   prepared
/// online                  offer, x − r                               →
///     for each non-linear layer                                      ←   accept (once), which labels
///                         labels                                     →
///     for each quadratic layer, after its labels, if it cuts         ←   v − a
///                         its share of the squares                   →
///                                                                    ←   the server's share of the output
/// </code>
/// The client's share of every value is known offline: r of the input and of every activation is drawn, of a linear layer it is what the encryption
/// gives, of a local one it follows. So r of a linear layer <em>is</em> the client's share of its input, and online nothing is opened for it. A linear
/// layer behind another one without an activation between them waits for that one's share and is of the next level. To send the difference of the share
/// and a fresh mask would save the round, and would give a server that cheats an oracle for decryptions.
/// </summary>
sealed class ProtocolPlan
{
    readonly LinearLayout?[] _layouts;

    readonly ActivationBatch[][] _batches;

    readonly RoundingChunk[][] _chunks;

    readonly QuadraticBatch[][] _quadratics;

    /// <summary>Plans; a network that cannot be run so is an argument that is wrong.</summary>
    public ProtocolPlan(IntegerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Network = network;
        Parameters = new LatticeParameters(network.Modulus);
        Digest = ArchitectureFormat.Digest(network);
        int count = network.Layers.Count;
        (_layouts, _batches, _chunks, _quadratics) = (new LinearLayout?[count], new ActivationBatch[count][], new RoundingChunk[count][], new QuadraticBatch[count][]);
        // Level in which the client knows its share of a value.
        int[] known = new int[count + 1];
        List<List<int>> levels = [];
        Dictionary<Activation, Circuit> circuits = [];
        ulong batches = 0, chunks = 0;
        for (int i = 0; i < count; i++)
        {
            (_batches[i], _chunks[i], _quadratics[i]) = ([], [], []);
            int ready = network.Layers[i].Inputs.Max(input => known[input]);
            known[i + 1] = ready;
            switch (network.Layers[i])
            {
                case LinearLayer linear:
                    _layouts[i] = new LinearLayout(Parameters, linear.Shape, linear.WeightBound);
                    _chunks[i] = [.. Chunks(i, linear.Output.Count, chunks)];
                    chunks += (ulong)_chunks[i].Length;
                    if (levels.Count == ready)
                    {
                        levels.Add([]);
                    }
                    levels[ready].Add(i);
                    known[i + 1] = ready + 1;
                    break;
                case NonlinearLayer nonlinear:
                    _batches[i] = [.. ActivationBatch.Of(nonlinear, network.Modulus, batches, circuits)];
                    batches += (ulong)_batches[i].Length;
                    known[i + 1] = 0;
                    break;
                case QuadraticLayer:
                    known[i + 1] = 0;
                    break;
            }
        }
        Quadratics = [.. Number(batches)];
        Levels = levels;
        Batches = [.. _batches.SelectMany(layer => layer)];
    }

    /// <summary>The network.</summary>
    public IntegerNetwork Network { get; }

    /// <summary>Of the encryptions.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>Of the architecture.</summary>
    public Bytes32 Digest { get; }

    /// <summary>Linear layers, in the order in which their inputs' shares are known.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Levels { get; }

    /// <summary>All garbled batches.</summary>
    public IReadOnlyList<ActivationBatch> Batches { get; }

    /// <summary>All batches of quadratic layers.</summary>
    public IReadOnlyList<QuadraticBatch> Quadratics { get; }

    /// <summary>Bytes of the transfers' first message and the key of the encryptions, with base transfers of the session's own or of its line.</summary>
    public int KeysSize(bool line) => (line ? LineBase.ChooseSize : TransferGeometry.ChooseSize) + Parameters.PublicKeySize;

    /// <summary>Bytes of a <see cref="MessageKind.Accept"/>.</summary>
    public const int AcceptSize = 1 + Bytes32.Size;

    /// <summary>How a linear layer lies in polynomials.</summary>
    public LinearLayout Layout(int layer) => _layouts[layer]!;

    /// <summary>Batches of one layer.</summary>
    public ReadOnlySpan<ActivationBatch> BatchesOf(int layer) => _batches[layer];

    /// <summary>Batches of one quadratic layer.</summary>
    public ReadOnlySpan<QuadraticBatch> QuadraticsOf(int layer) => _quadratics[layer];

    /// <summary>Which layer a batch is of.</summary>
    public int LayerOf(QuadraticBatch batch) => Array.FindIndex(_quadratics, layer => layer.Contains(batch));

    /// <summary>Rounding of one linear layer.</summary>
    public IReadOnlyList<RoundingChunk> ChunksOf(int layer) => _chunks[layer];

    /// <summary>Batches of quadratic layers, numbered after those of the others.</summary>
    List<QuadraticBatch> Number(ulong first)
    {
        List<QuadraticBatch> all = [];
        for (int i = 0; i < _quadratics.Length; i++)
        {
            if (Network.Layers[i] is QuadraticLayer layer)
            {
                _quadratics[i] = [.. QuadraticBatch.Of(layer, Network.Modulus, all.Count, first + (ulong)all.Count)];
                all.AddRange(_quadratics[i]);
            }
        }
        return all;
    }

    static IEnumerable<RoundingChunk> Chunks(int layer, int outputs, ulong number)
    {
        for (int first = 0; first < outputs; first += RoundingChunk.Most)
        {
            yield return new RoundingChunk(layer, number++, first, Math.Min(RoundingChunk.Most, outputs - first));
        }
    }
}
