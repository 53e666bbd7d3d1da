using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Cli.TwoParty;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Private.Serving;

namespace Funion.Cli.Commands;

/// <summary><c>funion model …</c>: for owners of models, and for whoever wants to make the sample one again.</summary>
static class ModelCommand
{
    public static Command Create() => new("model", "Train the sample model; see what a model needs; make samples for verified answers; hide a model from its provider.")
    {
        Train(), Check(), Draw(), Verified.SamplesVerb.Create(), AskerVerb.Create(), PolicyVerb.Create(), OfferVerb.Create(), SealVerb.Create(), PublishVerb.Create(),
    };

    static Command Train()
    {
        Option<string> file = new("--out") { Description = "Where to write the ONNX file.", Required = true };
        Option<int> seed = new("--seed") { Description = "The checked-in file has seed 1.", DefaultValueFactory = _ => 1 };
        Option<int> pictures = new("--pictures") { Description = "How many pictures to draw and learn from.", DefaultValueFactory = _ => 160_000 };
        Option<bool> small = new("--small") { Description = "24 activations in place of thousands, for two parties; writes the samples that it needs beside it." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("train-digits", "Train the digit classifier from nothing, on pictures that it draws.") { file, seed, pictures, small, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            byte[] model = parsed.GetValue(small)
                ? DigitTrainer.TrainSmall(parsed.GetValue(seed), parsed.GetValue(pictures), output.Note)
                : DigitTrainer.Train(parsed.GetValue(seed), parsed.GetValue(pictures), output.Note);
            File.WriteAllBytes(parsed.GetRequiredValue(file), model);
            if (parsed.GetValue(small))
            {
                File.WriteAllBytes(PrivateModels.SamplesOf(parsed.GetRequiredValue(file)), Npy.Write([PrivateModels.DigitSamples().Count, 1, 28, 28], [.. PrivateModels.DigitSamples().SelectMany(sample => sample)]));
            }
            string samples = parsed.GetRequiredValue(file) + ".samples";
            using (ModelRunner runner = ModelRunner.Load(model))
            {
                Verified.SamplesVerb.Ensure(samples, runner);
            }
            double accuracy = HeldOut(model);
            output.Data($"{model.Length} bytes, {accuracy:P1} of 10,000 pictures in styles never trained on");
            output.Data($"samples for verified answers in the plain mode: {samples}");
            output.Data(new JsonObject { ["bytes"] = model.Length, ["held_out_accuracy"] = accuracy, ["samples"] = samples });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static Command Check()
    {
        Argument<string> file = new("FILE") { Description = "An ONNX file." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("check", "What a model takes and gives, and whether it can be served.") { file, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            try
            {
                byte[] bytes = File.ReadAllBytes(parsed.GetRequiredValue(file));
                using ModelRunner runner = ModelRunner.Load(bytes);
                (string twoParty, JsonObject twoPartyJson) = TwoPartyCheck.Of(bytes, parsed.GetRequiredValue(file), runner);
                bool isSample = SHA256.HashData(bytes).AsSpan().SequenceEqual(SHA256.HashData(DigitModel.File()));
                (string enclave, JsonObject enclaveJson) = EnclaveCheck.Of(bytes, parsed.GetRequiredValue(file), isSample);
                string Specs(IReadOnlyList<Funion.Network.TensorSpec> specs) =>
                    string.Join(", ", specs.Select(spec => $"{spec.Name} {spec.Datatype} [{string.Join(',', spec.Shape)}]"));
                output.Data($"{Specs(runner.Inputs)} → {Specs(runner.Outputs)}{(runner.Batches ? ", in batches" : "")}");
                output.Data(twoParty);
                output.Data(enclave);
                output.Data(new JsonObject
                {
                    ["sha256"] = runner.Sha256, ["batches"] = runner.Batches, ["inputs"] = Specs(runner.Inputs), ["outputs"] = Specs(runner.Outputs),
                    ["two_party"] = twoPartyJson, ["enclave"] = enclaveJson,
                });
                return (int)ExitCode.Ok;
            }
            catch (Exception error) when (error is ModelException or IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    static Command Draw()
    {
        Argument<int> digit = new("DIGIT") { Description = "0 to 9." };
        Option<string> file = new("--out") { Description = "Where to write the PNG file.", Required = true };
        Option<int> seed = new("--seed") { Description = "Another seed, another hand.", DefaultValueFactory = _ => 4242 };
        Command command = new("draw-digit", "Draw a digit in a style that the sample model never saw.") { digit, file, seed };
        command.SetAction(parsed =>
        {
            float[] picture = DigitTrainer.HeldOutPicture(Math.Clamp(parsed.GetRequiredValue(digit), 0, 9), parsed.GetValue(seed));
            File.WriteAllBytes(parsed.GetRequiredValue(file), Png.Write(new GreyPicture(28, 28, picture)));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static double HeldOut(byte[] model)
    {
        using ModelRunner runner = ModelRunner.Load(model);
        return DigitTrainer.HeldOutAccuracy(
            picture => runner.RunDirect([Funion.Inference.Tensor.Of("image", [1, 1, 28, 28], picture)])[0].ToFloats(), 10_000);
    }
}
