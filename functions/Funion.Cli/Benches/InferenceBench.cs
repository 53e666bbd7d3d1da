using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Client;
using Funion.Cryptography;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Onnx;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Storage;
using Microsoft.ML.OnnxRuntime;

namespace Funion.Cli.Benches;

/// <summary>
/// What compute does for a batch, but for mixing and waiting: opens jobs, opens and joins their boxes, keeps the inputs, runs the model, seals and keeps the
/// output boxes. Beside it the model alone, called directly with the whole batch in one tensor, in the same run.
/// </summary>
static class InferenceBench
{
    const int Rounds = 7, UserPayload = 30_000;

    public static async Task<JsonObject> RunAsync(int batch, int layers, CancellationToken cancellation)
    {
        int threads = Environment.ProcessorCount;
        byte[] file = ConvolutionStack.Write(layers);
        using ModelRunner runner = ModelRunner.Load(file, threads);
        using Stage stage = new(runner, batch);
        using Microsoft.ML.OnnxRuntime.SessionOptions options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        using InferenceSession session = new(file, options);
        using RunOptions run = new();
        float[] values = new float[batch * 3 * ConvolutionStack.Side * ConvolutionStack.Side];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, [batch, 3, ConvolutionStack.Side, ConvolutionStack.Side]);
        double direct = double.MaxValue, open = double.MaxValue, model = double.MaxValue, seal = double.MaxValue;
        for (int round = 0; round <= Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            using (session.Run(run, ["image"], [input], ["means"]))
            {
            }
            double alone = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            (double opened, double ran, double sealedAll) = await stage.RunAsync(cancellation);
            // The first round warms up.
            if (round > 0)
            {
                (direct, open, model, seal) = (Math.Min(direct, alone), Math.Min(open, opened), Math.Min(model, ran), Math.Min(seal, sealedAll));
            }
        }
        return new JsonObject
        {
            ["batch"] = batch, ["layers"] = layers, ["threads"] = threads, ["direct_ms"] = Math.Round(direct, 1), ["each_ms"] = Math.Round(direct / batch, 1),
            ["open_ms"] = Math.Round(open, 1), ["model_ms"] = Math.Round(model, 1), ["seal_ms"] = Math.Round(seal, 1),
            ["overhead_percent"] = Math.Round(100 * (open + model + seal - direct) / direct, 1),
        };
    }

    /// <summary>A compute node's keys and store, and a batch of jobs as they lie before it.</summary>
    sealed class Stage : IDisposable
    {
        readonly ModelRunner _runner;
        readonly PigeonholeGeometry _geometry = new(UserPayload);
        readonly NodeId _self = new(RandomNumberGenerator.GetBytes(NodeId.Size));
        readonly SecretBytes _key = new(X25519.Size);
        readonly byte[] _publicKey = new byte[X25519.Size];
        readonly List<(byte[] Job, IReadOnlyList<Box> Input)> _asked = [];

        public Stage(ModelRunner runner, int batch)
        {
            _runner = runner;
            X25519.GenerateKeyPair(_key.Span, _publicKey);
            NodeDescriptor compute = new()
            {
                Id = _self, Role = NodeRole.Compute, Layer = 0, Index = 0, IdentityKey = new byte[Ed25519.PublicKeySize], Keys = [],
                JobKeys = [new EpochKey(1, _publicKey)], Address = "",
            };
            int inputs = SizeClass.Boxes(runner.Inputs, _geometry.MaxPlaintext), outputs = SizeClass.Boxes(runner.Outputs, _geometry.MaxPlaintext);
            for (int i = 0; i < batch; i++)
            {
                WriteCapability input = WriteCapability.Create(), output = WriteCapability.Create();
                Job job = new(RandomNumberGenerator.GetBytes(Job.NonceSize), "convolutions", TimeSpan.FromSeconds(30), inputs, outputs, input.ToReadCapability(), output);
                byte[] image = new byte[SizeClass.DataSize(runner.Inputs[0])];
                Tensor tensor = Tensor.TryCreate("image", Datatype.FP32, [1, 3, ConvolutionStack.Side, ConvolutionStack.Side], image)!;
                _asked.Add((job.SealTo(compute, 1, UserPayload), FixedStream.Seal(input, TensorCodec.Encode([tensor]), inputs, _geometry)));
            }
        }

        public async Task<(double Open, double Model, double Seal)> RunAsync(CancellationToken cancellation)
        {
            ComputeJobs kept = new(new MemoryBoxStore(), _ => new SecretBytes(_key.Span));
            long start = Stopwatch.GetTimestamp();
            List<(AcceptedJob Accepted, byte[] Input)> batch = [];
            foreach ((byte[] sealedJob, IReadOnlyList<Box> boxes) in _asked)
            {
                AcceptedJob job = new(Job.TryOpen(_self, 1, _key, _publicKey, sealedJob)!, DateTimeOffset.UnixEpoch, 1);
                batch.Add((job, (await kept.KeepFirstAsync(ComputeJobs.Key(ComputeJobs.Inputs, job), Join(job.Job.Input, boxes), cancellation))!));
            }
            double open = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            IReadOnlyList<byte[]> answers = _runner.Run([.. batch.Select(job => (ReadOnlyMemory<byte>)job.Input)]);
            double model = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            for (int i = 0; i < batch.Count; i++)
            {
                if (InferenceAnswer.TryParse(answers[i])?.Tensors is null)
                {
                    throw new InvalidOperationException("A job failed.");
                }
                Job job = batch[i].Accepted.Job;
                IReadOnlyList<Box> boxes = FixedStream.Seal(job.Output, answers[i], job.OutputBoxes, _geometry);
                await kept.KeepFirstAsync(ComputeJobs.Key(ComputeJobs.Outputs, batch[i].Accepted), SealedBoxes.ToBytes(boxes), cancellation);
            }
            return (open, model, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        public void Dispose() => _key.Dispose();

        byte[] Join(ReadCapability capability, IReadOnlyList<Box> boxes)
        {
            List<ReadOnlyMemory<byte>> parts = [];
            MessageBoxIndex? index = capability.First;
            foreach (Box box in boxes)
            {
                byte[] padded = new byte[box.Ciphertext.Length - Box.Overhead];
                parts.Add(capability.Open(index!, BacapContext.Pigeonhole, box, padded) == OpenOutcome.Opened && PigeonholeGeometry.Unpad(padded) is { } part
                    ? part
                    : throw new InvalidOperationException("A box does not open."));
                index!.TryNext(out index);
            }
            return FixedStream.Join(parts, _geometry) ?? throw new InvalidOperationException("The boxes hold no stream.");
        }
    }
}
